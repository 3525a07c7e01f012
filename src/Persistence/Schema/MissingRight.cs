namespace VoiceWorker.Persistence.Schema;

/// <summary>A right that the role lacks.</summary>
/// <param name="Name">Such as <c>INSERT on voice.outbox</c>.</param>
/// <param name="Grant">The statement that gives it to the role.</param>
public sealed record MissingRight(string Name, string Grant);
