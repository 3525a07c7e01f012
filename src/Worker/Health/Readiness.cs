using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace VoiceWorker.Health;

/// <summary>How far the boot has come. Ready only while the worker consumes.</summary>
internal sealed class Readiness : IHealthCheck
{
    private readonly TaskCompletionSource _schemaVerified = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isReady;
    private volatile string _phase = "starting";

    /// <summary>Completes when the schema is verified; nothing may touch the worker's tables before.</summary>
    public Task SchemaVerified => _schemaVerified.Task;

    public bool IsOpen => _isReady;

    /// <summary>Says what is being waited for.</summary>
    /// <param name="phase">For people.</param>
    public void Enter(string phase) => _phase = phase;

    /// <summary>Lets everything begin that needs the schema.</summary>
    public void SchemaIsVerified() => _schemaVerified.TrySetResult();

    public void Open() => (_phase, _isReady) = ("consuming", true);

    /// <summary>The worker is about to stop consuming.</summary>
    public void Close() => (_phase, _isReady) = ("stopping", false);

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isReady ? HealthCheckResult.Healthy(_phase) : HealthCheckResult.Unhealthy(_phase));
}
