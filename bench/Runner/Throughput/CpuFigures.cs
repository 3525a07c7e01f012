using VoiceWorker.Bench.Systems;

namespace VoiceWorker.Bench.Throughput;

/// <summary>CPU seconds of all that takes part; null where the processes are not on this machine.</summary>
internal sealed record CpuFigures(double System, double? Broker, double? Database)
{
    /// <summary>As far as it is measured.</summary>
    public double Total => System + (Broker ?? 0) + (Database ?? 0);

    public static CpuFigures Read(RunningSystem system, BenchServers servers) =>
        new(system.Cpu, servers.BrokerCpu, servers.DatabaseCpu);

    /// <summary>From then until now, per 10,000 messages.</summary>
    public CpuFigures Per10K(CpuFigures then, int messages)
    {
        var share = 10_000.0 / messages;
        return new((System - then.System) * share, (Broker - then.Broker) * share, (Database - then.Database) * share);
    }
}
