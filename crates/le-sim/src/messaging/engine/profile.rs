//! Profiles of consumers and agents.

use serde_json::{Map, Value, json};

use super::{Engine, Outcome, Refusal, Reply, Who, party::PROFILE_MEMBERS};

impl Engine {
    pub(super) fn get_profile(&self, who: Who, user: Option<&str>) -> Outcome {
        let wanted = match user {
            None | Some("") => Some(who),
            Some(id) => self
                .find_consumer(id)
                .map(Who::Consumer)
                .or_else(|| self.find_agent(id).map(Who::Agent)),
        };
        let wanted = wanted.ok_or_else(|| Refusal::bad("User does not exist"))?;
        match (who, wanted) {
            (Who::Consumer(own), Who::Consumer(other)) if own != other => Err(Refusal::new(401, "Not allowed")),
            (_, Who::Agent(agent)) => Ok(Reply::Profile(self.agent_profile(who, agent))),
            (_, Who::Consumer(consumer)) => Ok(Reply::Profile(self.consumer_profile(consumer))),
        }
    }

    fn consumer_profile(&self, consumer: usize) -> Value {
        let consumer = &self.consumers[consumer];
        let mut profile = consumer.profile.clone();
        profile.insert("userId".to_owned(), Value::from(&*consumer.id));
        Value::Object(profile)
    }

    /// Consumers see what is public: the nickname, and the public id.
    fn agent_profile(&self, who: Who, agent: usize) -> Value {
        let it = &self.agents[agent];
        let (given, family) = it.full_name.split_once(' ').unwrap_or((&it.full_name, ""));
        match who {
            Who::Agent(_) => json!({
                "userId": &*it.old_id,
                "firstName": given,
                "lastName": family,
                "nickName": it.nickname,
                "role": if it.manager { "MANAGER" } else { "AGENT" },
            }),
            Who::Consumer(_) => json!({ "userId": &*it.pid, "nickName": it.nickname, "role": "AGENT" }),
        }
    }

    pub(super) fn set_profile(&mut self, consumer: usize, members: Map<String, Value>) -> Outcome {
        if let Some(sdes) = members.get("authenticatedData").and_then(|data| data.get("lp_sdes"))
            && !sdes.is_null()
            && !sdes
                .as_array()
                .is_some_and(|sdes| sdes.iter().all(|sde| sde.get("type").is_some()))
        {
            return Err(Refusal::bad(
                "authenticatedData.lp_sdes must be a list of engagement attributes",
            ));
        }
        self.consumers[consumer].profile_at = self.now;
        let profile = &mut self.consumers[consumer].profile;
        for (name, value) in members {
            // What the brand's token vouched for cannot be claimed by the consumer.
            let vouched = matches!(name.as_str(), "claims" | "acr");
            if PROFILE_MEMBERS.contains(&name.as_str()) && !vouched {
                profile.insert(name, value);
            }
        }
        for place in self.consumers[consumer].conversations.clone() {
            if self.conversations[place].open {
                self.publish_later(place);
            }
        }
        Ok(Reply::Text(200, "OK User Profile set successfully"))
    }

    /// Sets members of a consumer's profile that a token vouches for.
    pub(crate) fn vouch(&mut self, consumer: usize, members: Map<String, Value>) {
        if !members.is_empty() {
            self.consumers[consumer].profile_at = self.now;
        }
        self.consumers[consumer].profile.extend(members);
    }

    /// The history is to show a conversation anew, though messaging has nothing to tell of it.
    pub(super) fn publish_later(&mut self, place: usize) {
        let story = &mut self.conversations[place].story;
        story.changed_at = self.now;
        if story.unpublished_since.is_none() {
            story.unpublished_since = Some(self.now);
            self.unpublished.push(place);
        }
    }
}
