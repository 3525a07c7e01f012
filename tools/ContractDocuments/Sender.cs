namespace VoiceWorker.ContractDocuments;

/// <summary>Who sends a message: what is sent to the worker must pass its rules, what it sends is as written.</summary>
internal enum Sender
{
    Producer,
    Worker,
}
