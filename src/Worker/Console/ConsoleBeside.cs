namespace VoiceWorker.WebConsole;

/// <summary>The console in the process of a worker: started after it, and gone before it stops.</summary>
internal sealed class ConsoleBeside(
    string[] settings, IHostApplicationLifetime worker, ILogger<ConsoleBeside> logger) : IHostedService
{
    // Nothing in it is worth waiting for.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private WebApplication? _console;
    private Task _stopped = Task.CompletedTask;

    /// <summary>Adds it where it is asked for.</summary>
    public static void AddTo(WebApplicationBuilder builder, string[] settings)
    {
        if (builder.Configuration.GetValue<bool>("Console:Enabled"))
            builder.Services.AddHostedService(provider =>
                ActivatorUtilities.CreateInstance<ConsoleBeside>(provider, [settings]));
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _console = ConsoleHost.Build(settings);
        try
        {
            await _console.StartAsync(cancellationToken);
            _console.Services.GetRequiredService<ConsoleAddress>().Tell();
            worker.ApplicationStopping.Register(() => _stopped = LeaveAsync());
        }
        catch (IOException taken)
        {
            logger.ConsoleNotServed(taken.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stopped;

    private async Task LeaveAsync()
    {
        using var limit = new CancellationTokenSource(Farewell);
        await _console!.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _console.DisposeAsync();
    }
}
