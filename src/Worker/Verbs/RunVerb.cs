using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs;

/// <summary><c>run</c>: the worker itself, until it is told to stop.</summary>
internal static class RunVerb
{
    public static async Task<int> RunAsync(string[] settings)
    {
        await using var worker = WorkerHost.BuildWorker(settings);
        Tools.ValidateSettings(worker.Services);
        ListenAddress.EnsureFree(worker.Configuration);
        var boot = worker.Services.GetRequiredService<BootSequence>();
        await worker.RunAsync();
        return boot.Failure is { } failure ? FailureReport.Write(failure) : ExitCode.Ok;
    }
}
