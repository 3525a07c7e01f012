using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
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
            var verification = new AuditVerification(services.GetRequiredService<PostgresConnections>(), kept);
            var screen = new DifferenceScreen(json);
            try
            {
                await foreach (var difference in verification.FindAsync(interruption.Token))
                    screen.Write(difference);
            }
            catch (Exception) when (interruption.Token.IsCancellationRequested)
            {
                screen.End(verification.Counts, isComplete: false);
                return ExitCode.Interrupted;
            }

            screen.End(verification.Counts, isComplete: true);
            return screen.Differences == 0 ? ExitCode.Ok : ExitCode.Differences;
        });
}

/// <summary>Differences, each as it is found: there can be as many as rows.</summary>
/// <param name="json">One document, instead of lines.</param>
internal sealed class DifferenceScreen(bool json)
{
    /// <summary>How many there are so far.</summary>
    public long Differences { get; private set; }

    public void Write(AuditDifference difference)
    {
        if (json)
            Console.Write($"{(Differences == 0 ? "{ \"differences\": [" : ",")}\n{JsonScreen.Line(Json(difference))}");
        else
            Terminal.WriteWrapped($"{NameOf(difference.Kind)}: {PeerText.Escape(difference.Text)}");
        Differences++;
    }

    /// <summary>What was looked at.</summary>
    /// <param name="counts">So far.</param>
    /// <param name="isComplete">Whether that is all of it.</param>
    public void End(VerificationCounts counts, bool isComplete)
    {
        if (json)
        {
            Console.WriteLine(Differences == 0 ? "{ \"differences\": []," : "\n],");
            Console.WriteLine($"\"count\": {Differences}, \"rows\": {counts.Rows}, \"events\": {counts.Events}, "
                + $"\"waiting\": {counts.Waiting}, \"hashed\": {counts.Hashed}, \"unhashed\": {counts.Unhashed}, "
                + $"\"seals\": {counts.Seals}, \"keptCompared\": {counts.KeptCompared}, "
                + $"\"complete\": {(isComplete ? "true" : "false")},");
            Console.WriteLine($"\"covered\": {JsonScreen.Line(VerificationScope.Covered)},");
            Console.WriteLine($"\"notCovered\": {JsonScreen.Line(VerificationScope.NotCovered)} }}");
        }
        else
        {
            var seals = counts.Seals == 1 ? "seal" : "seals";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{counts.Rows:N0} rows, {counts.Events:N0} events ({counts.Seals:N0} {seals}, {counts.Unhashed:N0} "
                + $"without a hash) and {counts.Waiting:N0} in the outbox: {Differences:N0} ")
                + (Differences == 1 ? "difference" : "differences") + (isComplete ? "" : " so far; interrupted"));
            if (counts.KeptCompared > 0)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"Compared with seals that were kept: {counts.KeptCompared:N0}"));
            }

            foreach (var line in VerificationScope.Lines)
                Terminal.WriteWrapped(line);
        }
    }

    private static JsonObject Json(AuditDifference difference) => new()
    {
        ["kind"] = NameOf(difference.Kind),
        ["decision"] = difference.Decision,
        ["eventId"] = difference.EventId,
        ["stream"] = difference.Stream,
        ["sequence"] = difference.Sequence,
        ["fields"] = new JsonArray([.. difference.Fields.Select(Json)]),
        ["text"] = difference.Text,
    };

    private static JsonObject Json(FieldDifference field) => new()
    {
        ["name"] = field.Name,
        ["recorded"] = field.Recorded is { } recorded ? JsonNode.Parse(recorded) : null,
        ["event"] = field.Told is { } told ? JsonNode.Parse(told) : null,
    };

    private static string NameOf(DifferenceKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
