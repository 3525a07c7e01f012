using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Voices;

namespace VoiceWorker.Verbs.Voice;

/// <summary><c>voice set</c>: a change of voice as a message would make it, in one transaction with the record of who
/// did it. It also repairs a voice that was altered by hand: what is stored is what the history says then.</summary>
internal static class VoiceSetVerb
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    public static Task<int> RunAsync(string[] settings, int businessId, string voiceId, bool json, OperatorAct act) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            var catalogue = services.GetRequiredService<VoiceCatalogue>();
            EnsureSupported(voiceId, catalogue);
            var connections = services.GetRequiredService<PostgresConnections>();
            return Tell(await SetAsync(connections, catalogue, businessId, voiceId, act), json);
        });

    // A slip of the pen is none that has to be recorded.
    private static void EnsureSupported(string voiceId, VoiceCatalogue catalogue)
    {
        if (catalogue.IsSupported(voiceId))
            return;
        throw new SettingsException(
            $"--voice needs a voice of Voices:Available, not '{PeerText.Line(voiceId)}'"
            + $"{Spelling.DidYouMean(voiceId, catalogue.Voices)}; there are {string.Join(", ", catalogue.Voices)}.");
    }

    private static async Task<SetVoice> SetAsync(
        PostgresConnections connections, VoiceCatalogue catalogue, int businessId, string voiceId, OperatorAct act)
    {
        var clock = await DatabaseClock.ReadAsync(connections);
        var transaction = new ChangeTransaction(connections, catalogue, clock);
        var change = new BusinessVoiceChanged(
            businessId, catalogue.Spell(voiceId), clock.GetUtcNow(), $"operator:{act.Operator}");
        while (true)
        {
            try
            {
                string? previous = null;
                var result = await transaction.CommitAsync(
                    new PendingChange(change, TraceParent: null), async (connection, decided) =>
                    {
                        previous = decided.PreviousVoiceId;
                        await RecordAsync(connection, decided, act);
                    }, CancellationToken.None);
                return new SetVoice(result, previous, change.ChangedBy!);
            }
            catch (UncomparedHistoryException early)
            {
                // Nothing was tried, and a minute later it is recorded all the same.
                if (early.IsFirst)
                    await Console.Error.WriteLineAsync(early.Message);
                await Task.Delay(BetweenAttempts);
            }
        }
    }

    private static Task RecordAsync(NpgsqlConnection connection, DecidedChange decided, OperatorAct act)
    {
        var isMade = decided.Rejection is null;
        (act["updated"], act["rejected"]) = isMade ? (1, 0) : (0, 1);
        return OperatorActionTable.RecordAsync(
            connection, act.ToEvent(isMade ? OperatorActResult.Done : OperatorActResult.Rejected),
            CancellationToken.None);
    }

    private static int Tell(SetVoice set, bool json)
    {
        var result = set.Result;
        if (json)
            JsonScreen.Write(set.ToJson());
        else if (result.Outcome is ChangeOutcome.Updated)
            Console.WriteLine(
                $"business {result.BusinessId}: voice {PeerText.Line(set.Previous ?? "none")} became {result.VoiceId}");
        if (result.Outcome is ChangeOutcome.Updated)
            return ExitCode.Ok;
        Console.Error.WriteLine((result.Reason is ChangeRejection.UnknownBusiness
            ? $"There is no business {result.BusinessId}"
            : $"A later change of business {result.BusinessId} stands: {result.StandingVoiceId ?? "none"}")
            + "; the rejected change is recorded.");
        return ExitCode.Rejected;
    }
}

/// <summary>A change that an operator asked for.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Previous">What was stored before.</param>
/// <param name="ChangedBy">Who, as it is recorded.</param>
internal sealed record SetVoice(VoiceChangeResult Result, string? Previous, string ChangedBy)
{
    /// <summary>As a reply on the wire, with what no producer needs to be told.</summary>
    public JsonObject ToJson()
    {
        var fields = JsonSerializer.SerializeToNode(Result, ContractsJson.Default.VoiceChangeResult)!.AsObject();
        (fields["previousVoiceId"], fields["changedBy"]) = (Previous, ChangedBy);
        return fields;
    }
}

/// <summary>The time of the database: the clock of the machine that an operator sits at orders no change.</summary>
internal sealed class DatabaseClock(TimeSpan ahead) : TimeProvider
{
    public static async Task<DatabaseClock> ReadAsync(PostgresConnections connections)
    {
        await using var connection = await connections.OpenAsync(CancellationToken.None);
        var now = await DatabaseTime.ReadAsync(connection, CancellationToken.None);
        return new(now - System.GetUtcNow());
    }

    public override DateTimeOffset GetUtcNow()
    {
        var now = System.GetUtcNow() + ahead;
        // As the database keeps it.
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
