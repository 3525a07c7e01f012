using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs;

/// <summary><c>verify</c>: every critical column, changing nothing.</summary>
internal static class VerifyVerb
{
    public static Task<int> RunAsync(string[] settings) => Tools.WithDatabaseAsync(settings, async services =>
    {
        var check = services.GetRequiredService<SchemaCheck>();
        await check.EnsureAsync(CancellationToken.None);
        var obstacles = await check.FindObstaclesAsync(CancellationToken.None);
        foreach (var obstacle in obstacles)
            await Console.Error.WriteLineAsync($"{obstacle.Text}. Cure: {obstacle.Cure}");
        if (obstacles.Count > 0)
            return ExitCode.VerificationFailed;
        Console.WriteLine("The schema verifies.");
        return ExitCode.Ok;
    });
}
