using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.Hosting;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>How the workers of this suite run: within its own process, which has compiled them after the first. What is to
/// be done to a process is done to one.</summary>
internal static class WorkerLauncher
{
    public static IWorker Start(IReadOnlyDictionary<string, string> environment, string[] args) =>
        HostedWorker.Start(environment, args);
}
