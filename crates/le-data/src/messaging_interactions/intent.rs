//! What messages meant.

use le_core::id::MessageId;
use le_core::wire::{Float, List};

le_core::record! {
    /// What one message meant.
    pub struct MessageIntents {
        /// The message.
        message_id: Option<MessageId> = "messageId" [safe],
        /// The meaning that was chosen.
        selected_classification: Option<Classification> = "selectedClassification" [safe],
        /// All that were considered; missing where only the chosen one was asked for.
        all_classifications: List<Classification> = "allClassifications" [safe],
    }
}

le_core::record! {
    /// One meaning.
    pub struct Classification {
        /// The intent's id.
        intent_name: Option<String> = "intentName" [safe],
        /// Its label.
        intent_label: Option<String> = "intentLabel" [safe],
        /// How sure, 0 to 1 with three decimals.
        confidence_score: Option<Float> = "confidenceScore" [safe],
        /// The models that said so.
        versions: List<ModelVersion> = "versions" [safe],
    }
}

le_core::record! {
    /// A model and its version.
    pub struct ModelVersion {
        /// The model.
        model_name: Option<String> = "modelName" [safe],
        /// Its version.
        model_version: Option<String> = "modelVersion" [safe],
    }
}

le_core::record! {
    /// An intent.
    pub struct Intent {
        /// The intent's id.
        intent_name: Option<String> = "intentName" [safe],
        /// Its label.
        intent_label: Option<String> = "intentLabel" [safe],
    }
}
