namespace VoiceWorker.Bench.Baseline;

/// <summary>What the baseline is told, in the environment; connections by the same names as the worker's.</summary>
internal sealed record BaselineSettings(string Postgres, Uri RabbitMq, string Queue, string AuditQueue, string QueueType)
{
    public static BaselineSettings FromEnvironment() => new(
        Required("ConnectionStrings__Postgres"), new Uri(Required("ConnectionStrings__RabbitMq")),
        Required("BASELINE_QUEUE"), Required("BASELINE_AUDIT_QUEUE"), Required("BASELINE_QUEUE_TYPE"));

    private static string Required(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");
}
