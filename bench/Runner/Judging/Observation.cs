namespace VoiceWorker.Bench.Judging;

/// <summary>An audit event as the judge sees it.</summary>
/// <param name="Index">Which message caused it.</param>
/// <param name="Stream">Where it belongs.</param>
/// <param name="Sequence">Its place there; 0 when the system keeps none.</param>
/// <param name="Fault">What is wrong with it in itself; null means nothing.</param>
internal readonly record struct Observation(int Index, string Stream, long Sequence, string? Fault);
