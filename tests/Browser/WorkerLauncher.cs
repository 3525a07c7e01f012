using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>How the workers of this suite run: as processes, as they are deployed.</summary>
internal static class WorkerLauncher
{
    public static IWorker Start(IReadOnlyDictionary<string, string> environment, string[] args) =>
        WorkerProcess.Start(WorkerProcess.Dll, environment, args);
}
