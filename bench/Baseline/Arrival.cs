using VoiceWorker.Contracts;

namespace VoiceWorker.Bench.Baseline;

/// <summary>A delivery: the call, its tag, and who wants a reply.</summary>
internal readonly record struct Arrival(CallStarted Call, ulong Tag, string? ReplyTo, string? CorrelationId);
