using System.Text.Json.Serialization;
using VoiceWorker.Bench.Judging;

namespace VoiceWorker.Bench.Throughput;

/// <summary>What one run of one system came to.</summary>
/// <param name="System">Which.</param>
/// <param name="Rate">Messages per second.</param>
/// <param name="Cpu">Seconds per 10,000 messages.</param>
/// <param name="AllocatedPerMessage">Bytes, by the system's own process.</param>
/// <param name="PauseMs">How long the collector held the system up altogether.</param>
/// <param name="ResidentMiB">Of the system's process at the end.</param>
/// <param name="Verdict">What became of the messages.</param>
/// <param name="Course">How the audit queue filled.</param>
internal sealed record RunFigures(
    string System, double Rate, CpuFigures Cpu, double AllocatedPerMessage, int PauseMs, double ResidentMiB,
    Verdict Verdict, [property: JsonIgnore] Course Course);
