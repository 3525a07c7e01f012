namespace VoiceWorker.Tests.Faults.Verdict;

/// <summary>A row of voice.call_voice.</summary>
public sealed record RecordedCall(string VoiceId, string Source, string Reason, string EventId);
