use std::io::Write as _;

use super::super::{Credential, Loader, Settings};
use super::*;

const FILE: &str = r#"
[profile.default]
account = 70011223
username = "ops@example.org"
password = "hunter2"

[profile.sandbox]
account = "12345678"
domain_host = "localhost:8443"
ca_file = "ca.pem"
trusted_hosts = ["localhost", "127.0.0.1"]
app_key = "k"
app_secret = "s"
access_token = "t"
access_token_secret = "ts"
"#;

fn write(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("le")).unwrap();
    let path = directory.path().join("le").join("config.toml");
    File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    set_mode(&path, mode);
    (directory, path)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) {}

fn loader() -> Loader {
    Settings::loader().no_environment()
}

#[test]
fn profiles_are_read_by_name_and_by_default() {
    let (directory, path) = write(FILE, 0o600);
    let settings = loader().file(&path).load().unwrap();
    assert_eq!(settings.account().unwrap().as_str(), "70011223");
    assert_eq!(settings.credential().unwrap().kind(), "user login");
    let sandbox = loader().file(&path).profile("sandbox").load().unwrap();
    assert_eq!(sandbox.domain_host(), Some("localhost:8443"));
    assert_eq!(sandbox.ca_file().unwrap(), directory.path().join("le").join("ca.pem"));
    assert!(matches!(sandbox.credential().unwrap(), Credential::ApiKey(_)));
    assert!(sandbox.trusted_hosts().allows(&"127.0.0.1:9".parse().unwrap()));
    let origin = sandbox.origin(Field::Account).unwrap().to_string();
    assert!(origin.starts_with("profile sandbox in "), "{origin}");
}

#[cfg(unix)]
#[test]
fn the_environment_names_file_and_profile_and_goes_before_them() {
    let (directory, path) = write(FILE, 0o600);
    let root = directory.path().display().to_string();
    let settings = Settings::loader()
        .environment(move |name| match name {
            "XDG_CONFIG_HOME" => Some(root.clone()),
            "LE_PROFILE" => Some("sandbox".to_owned()),
            "LE_DOMAIN_HOST" => Some("other:1".to_owned()),
            _ => None,
        })
        .load()
        .unwrap();
    assert_eq!(settings.account().unwrap().as_str(), "12345678");
    assert_eq!(settings.domain_host(), Some("other:1"));
    let home = |name: &str| (name == "HOME").then(|| "/home/max".to_owned());
    assert_eq!(
        default_file(home).unwrap(),
        Path::new("/home/max/.config/le/config.toml")
    );
    drop(path);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused_with_the_command_that_helps() {
    for mode in [0o644, 0o640, 0o620, 0o602] {
        let (_directory, path) = write(FILE, mode);
        let error = loader().file(&path).load().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let text = error.to_string();
        assert!(text.contains(&format!("chmod 600 '{}'", path.display())), "{text}");
        assert!(text.contains(&format!("mode {mode:o}")), "{text}");
        assert!(!text.contains("hunter2"));
    }
    let (_directory, path) = write(FILE, 0o400);
    assert!(loader().file(&path).load().is_ok());
}

#[test]
fn what_was_asked_for_must_be_there_and_the_rest_may_be_missing() {
    let nowhere = tempfile::tempdir().unwrap();
    let error = loader()
        .file(nowhere.path().join("none.toml"))
        .load()
        .unwrap_err()
        .to_string();
    assert!(error.contains("does not exist"), "{error}");
    let (_directory, path) = write(FILE, 0o600);
    let error = loader().file(&path).profile("prod").load().unwrap_err().to_string();
    assert!(
        error.contains("no [profile.prod]") && error.contains("default, sandbox"),
        "{error}"
    );
    assert!(loader().load().unwrap().credential().is_err());
}

#[test]
fn mistakes_are_named_and_no_line_of_the_file_is_quoted() {
    let cases = [
        ("[profile.default]\npassword = hunter2\n", "line 2 is not TOML"),
        (
            "[profile.default]\npassword = \"hunter2\nusername = \"x\"",
            "line 2 is not TOML",
        ),
        (
            "[profile.default]\npasword = \"hunter2\"",
            "`pasword` of profile default is not known",
        ),
        (
            "[profile.default]\npassword = 42424242",
            "`password` of profile default is not a text",
        ),
        ("[profile.default]\ntrusted_hosts = [1]", "is not a list of texts"),
        ("password = \"hunter2\"", "`password` stands outside of a profile"),
        ("profile = 3", "`profile` is not a table"),
        ("[profile]\ndefault = \"hunter2\"", "`profile.default` is not a table"),
    ];
    for (text, expected) in cases {
        let (_directory, path) = write(text, 0o600);
        let error = loader().file(&path).load().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(expected), "{text}: {shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("42424242"), "{shown}");
    }
}
