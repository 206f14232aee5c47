use super::{Language, Topic};

pub(super) const JAPANESE: Language = Language {
    tag: "ja-JP",
    time_zone: "Asia/Tokyo",
    country: "Japan",
    country_code: "JP",
    currency: "円",
    cities: &["札幌", "横浜", "名古屋", "高松", "那覇"],
    given_names: &["さくら", "健太", "美咲", "翔", "陽子", "ユウ"],
    family_names: &["佐藤", "髙橋", "渡邉", "田中", "鈴木", "小鳥遊"],
    products: &["炊飯器", "折りたたみ傘", "ヘッドホン", "抹茶セット", "自転車ライト"],
    greetings: &[
        "{name}様、お問い合わせありがとうございます。担当の{agent}でございます。",
        "{name}様、{minutes}分もお待たせして申し訳ございません。{agent}です。",
    ],
    fillers: &[
        "まだですか?",
        "はい。",
        "もう{minutes}分待っています…",
        "番号は {order} です。",
        "いいえ、{product}のほうです。",
    ],
    thanks: &[
        "{agent}さん、ありがとうございました!",
        "助かりました🙇",
        "わかりました。",
    ],
    closings: &[
        "{name}様、ご利用ありがとうございました。",
        "ほかにご不明な点はございませんか?",
        "それでは失礼いたします。",
    ],
    summaries: &[
        "注文 {order} の問い合わせ。解決済み。",
        "{date}までに{amount}を返金予定。",
        "{product}の交換品を{city}へ発送。",
    ],
    opinions: &[
        "とても丁寧でした",
        "待ち時間が長い",
        "ボットに話が通じない",
        "最高です👍",
    ],
    topics: [
        Topic {
            openers: &[
                "荷物が届きません。注文番号は {order}、{date} に届くはずでした。",
                "追跡では {date} からずっと{city}にあります。",
                "「配達済み」ですが、{product}は受け取っていません。",
            ],
            replies: &[
                "お荷物は {date} に{city}を出発し、明日到着の予定です。",
                "住所不明とのことです。ご住所は{city}でよろしいでしょうか。",
                "{order} の調査を開始しました。二日以内にご連絡します。",
            ],
            follow_ups: &["{date} までに必要なんです!", "{city}に届けてもらえますか?"],
        },
        Topic {
            openers: &[
                "なぜ {amount} も請求されたのですか?",
                "{date} の請求書に {amount} が二重に載っています。",
                "請求 {order} を分割払いにできますか?",
            ],
            replies: &[
                "{date} の請求には{product}の {amount} が含まれております。",
                "ご指摘のとおりです。{amount} を返金いたします。",
                "承知しました。{amount} は {date}、残りは翌月です。",
            ],
            follow_ups: &["返金はいつですか?", "{amount} には同意していません。"],
        },
        Topic {
            openers: &[
                "{date} に{city}へ行きます。ローミング料金は?",
                "{city}で圏外です。ローミングはオンです。",
                "{city}にいたのに {amount} のローミング通知が来ました。",
            ],
            replies: &[
                "一日パスは {amount} でございます。",
                "再起動のうえ、手動でネットワークをお選びください。",
                "ローミングを停止し、{amount} を返金しました。",
            ],
            follow_ups: &["通話も含まれますか?", "二回再起動しましたが「圏外」のままです。"],
        },
        Topic {
            openers: &[
                "注文 {order} の{product}を返品したいです。",
                "{product}が壊れていました。写真を送ります。",
                "返品ラベルが開けません。",
            ],
            replies: &[
                "新しいラベルをお送りしました。{city}の店舗でも承ります。",
                "申し訳ございません。{amount} を返金いたします。",
                "{date} までにご返送ください。",
            ],
            follow_ups: &["元の箱は必要ですか?", "{product}と交換できますか?"],
        },
        Topic {
            openers: &[
                "{date} から{product}の電源が入りません。",
                "ログインすると「エラー{minutes}」と出ます。",
                "{product}をスマホにつなぐ方法は?",
            ],
            replies: &[
                "電源を十秒押し、{minutes}分お待ちください。",
                "アプリを更新し、再度ログインしてください。",
                "手順のリンクをお送りします。",
            ],
            follow_ups: &["試しましたが、だめです。", "バージョンは 4.{minutes} です。"],
        },
        Topic {
            openers: &[
                "{city}に{product}の在庫はありますか?",
                "{product}の割引は {date} までですか?",
                "送料が {amount} ですか?!",
            ],
            replies: &[
                "{city}に三点ございます。お取り置きしましょうか、{name}様。",
                "コード 夏{minutes} で {amount} になります。",
                "{amount} 以上で送料無料です。",
            ],
            follow_ups: &["{product}はどうですか?", "{name}の名前でお願いします。"],
        },
    ],
};
