using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs;

/// <summary><c>verify</c>: every critical column, changing nothing.</summary>
internal static class VerifyVerb
{
    public static Task<int> RunAsync(string[] settings) => Tools.WithDatabaseAsync(settings, async services =>
    {
        await services.GetRequiredService<SchemaCheck>().EnsureAsync(CancellationToken.None);
        Console.WriteLine("The schema verifies.");
        return ExitCode.Ok;
    });
}
