using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Verification;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary><c>audit verify</c>: every difference between the audit trail and what was recorded.</summary>
internal static class AuditVerifyVerb
{
    /// <param name="sealsFile">Seals that were kept elsewhere; null for none.</param>
    public static async Task<int> RunAsync(string[] settings, string? sealsFile, bool json)
    {
        var kept = sealsFile is null ? KeptSeals.None : KeptSeals.Read(sealsFile);
        if (kept.Flaw is null)
            return await VerifyAsync(settings, kept.Seals, json);
        await Console.Error.WriteLineAsync(PeerText.Escape(kept.Flaw));
        return ExitCode.Usage;
    }

    private static Task<int> VerifyAsync(string[] settings, IReadOnlyList<TrailSealed> kept, bool json) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            using var interruption = new Interruption();
            var screen = new DifferenceScreen(json);
            var verify = new AuditVerify(services.GetRequiredService<PostgresConnections>(), kept, named: 0);
            var result = await verify.RunAsync(screen, interruption.Token);
            screen.End(result);
            return !result.IsComplete ? ExitCode.Interrupted
                : result.Differences == 0 ? ExitCode.Ok : ExitCode.Differences;
        });
}

/// <summary>Differences, each as it is found: there can be as many as rows.</summary>
/// <param name="json">One document, instead of lines.</param>
internal sealed class DifferenceScreen(bool json) : IProgress<AuditDifference>
{
    private bool _isBegun;

    public void Report(AuditDifference value)
    {
        var front = _isBegun ? "," : "{ \"differences\": [";
        if (json)
            Console.Write($"{front}\n{JsonScreen.Line(DifferenceText.Json(value))}");
        else
            Terminal.WriteWrapped(DifferenceText.Line(value));
        _isBegun = true;
    }

    /// <summary>What was looked at.</summary>
    public void End(AuditVerifyResult result)
    {
        if (!json)
        {
            foreach (var line in result.Lines)
                Terminal.WriteWrapped(line);
            return;
        }

        var counts = result.Counts;
        Console.WriteLine(_isBegun ? "\n]," : "{ \"differences\": [],");
        Console.WriteLine($"\"count\": {result.Differences}, \"rows\": {counts.Rows}, \"events\": {counts.Events}, "
            + $"\"waiting\": {counts.Waiting}, \"hashed\": {counts.Hashed}, \"unhashed\": {counts.Unhashed}, "
            + $"\"seals\": {counts.Seals}, \"keptCompared\": {counts.KeptCompared}, "
            + $"\"complete\": {(result.IsComplete ? "true" : "false")},");
        Console.WriteLine($"\"covered\": {JsonScreen.Line(VerificationScope.Covered)},");
        Console.WriteLine($"\"notCovered\": {JsonScreen.Line(VerificationScope.NotCovered)} }}");
    }
}
