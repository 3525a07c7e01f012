using VoiceWorker.Bench.Judging;

namespace VoiceWorker.Bench.Latency;

/// <summary>One rate in one run of one system.</summary>
/// <param name="System">Which.</param>
/// <param name="PerSecond">Calls per second.</param>
/// <param name="Reply">Until the reply.</param>
/// <param name="Audit">Until the audit event.</param>
/// <param name="Generator">Until the call was sent: what of the two others is the bench's own.</param>
/// <param name="Verdict">What became of all messages of the run.</param>
internal sealed record LatencyFigures(string System, int PerSecond, Delays Reply, Delays Audit, Delays Generator, Verdict Verdict);
