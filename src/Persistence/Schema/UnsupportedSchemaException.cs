namespace VoiceWorker.Persistence.Schema;

/// <summary>The data or the type is in a state that no program should change.</summary>
/// <param name="message">What it is, and what its owner can do.</param>
public sealed class UnsupportedSchemaException(string message) : Exception(message);
