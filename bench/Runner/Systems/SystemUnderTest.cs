using System.Globalization;

namespace VoiceWorker.Bench.Systems;

/// <summary>A program that does the work.</summary>
/// <param name="Name">As shown.</param>
/// <param name="Dll">As published by bench/run.</param>
/// <param name="Queues">What it consumes: calls first.</param>
/// <param name="Settings">Environment, besides the connections.</param>
internal sealed record SystemUnderTest(
    string Name, string Dll, IReadOnlyList<string> Queues, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Where both leave their audit events.</summary>
    public const string AuditQueue = "bench.audit";

    private const string BaselineQueue = "bench.baseline";

    /// <summary>The queues of the worker, as its contract names them.</summary>
    public static IReadOnlyList<string> WorkerQueues { get; } =
        ["voice-worker.call-started", "voice-worker.business-voice-changed"];

    /// <summary>With that of the audit events: what a run leaves in the broker.</summary>
    public IReadOnlyList<string> AllQueues => [.. Queues, AuditQueue];

    /// <summary>As it is delivered; its queues are quorum queues, always. A late reply is to be seen as late, and not as
    /// another one.</summary>
    public static SystemUnderTest Worker() => WorkerWithin(TimeSpan.FromSeconds(20));

    /// <summary>The same with a deadline for its replies.</summary>
    public static SystemUnderTest WorkerWithin(TimeSpan deadline) => new("worker", Published("worker", "VoiceWorker"), WorkerQueues,
        new Dictionary<string, string>
        {
            ["Audit__DeclareQueue"] = AuditQueue,
            ["Replies__Deadline"] = deadline.ToString("c", CultureInfo.InvariantCulture),
        });

    public static SystemUnderTest Baseline(string queueType) => new(
        "baseline", Published("baseline", "VoiceWorker.Bench.Baseline"), [BaselineQueue], new Dictionary<string, string>
        {
            ["BASELINE_QUEUE"] = BaselineQueue, ["BASELINE_AUDIT_QUEUE"] = AuditQueue, ["BASELINE_QUEUE_TYPE"] = queueType,
        });

    /// <summary>An assembly beside ours.</summary>
    public static string Published(string folder, string assembly) =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", folder, $"{assembly}.dll"));
}
