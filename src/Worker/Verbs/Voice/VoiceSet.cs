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

/// <summary>A change of voice as a message would make it, in one transaction with the record of who did it. It also
/// repairs a voice that was altered by hand: what is stored is what the history says then.</summary>
internal static class VoiceSet
{
    /// <summary>Changes it, or records the change as rejected.</summary>
    /// <param name="act">Who does it; is recorded here, and not by its own <c>RunAsync</c>.</param>
    /// <param name="tell">Is told once what is waited for, if anything is.</param>
    /// <param name="cancellationToken">Ends the wait; what is begun is finished.</param>
    /// <exception cref="SettingsException">There is no such voice; nothing is recorded.</exception>
    public static async Task<SetVoice> RunAsync(
        IServiceProvider services, int businessId, string voiceId, OperatorAct act, Action<string> tell,
        CancellationToken cancellationToken)
    {
        var catalogue = services.GetRequiredService<VoiceCatalogue>();
        EnsureSupported(voiceId, catalogue);
        var connections = services.GetRequiredService<PostgresConnections>();
        var clock = await DatabaseClock.ReadAsync(connections, cancellationToken);
        var transaction = new ChangeTransaction(connections, catalogue, clock);
        var change = new BusinessVoiceChanged(
            businessId, catalogue.Spell(voiceId), clock.GetUtcNow(), $"operator:{act.Operator}");
        return await HistoryPatience.RunAsync(
            () => CommitAsync(transaction, change, act), tell, cancellationToken);
    }

    // A slip of the pen is none that has to be recorded.
    private static void EnsureSupported(string voiceId, VoiceCatalogue catalogue)
    {
        if (catalogue.IsSupported(voiceId))
            return;
        throw new SettingsException(
            $"--voice needs a voice of Voices:Available, not '{PeerText.Line(voiceId)}'"
            + $"{Spelling.DidYouMean(voiceId, catalogue.Voices)}; there are {string.Join(", ", catalogue.Voices)}.");
    }

    private static async Task<SetVoice> CommitAsync(
        ChangeTransaction transaction, BusinessVoiceChanged change, OperatorAct act)
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

    private static Task RecordAsync(NpgsqlConnection connection, DecidedChange decided, OperatorAct act)
    {
        var isMade = decided.Rejection is null;
        (act["updated"], act["rejected"]) = isMade ? (1, 0) : (0, 1);
        return OperatorActionTable.RecordAsync(
            connection, act.ToEvent(isMade ? OperatorActResult.Done : OperatorActResult.Rejected),
            CancellationToken.None);
    }
}

/// <summary>A change that an operator asked for.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Previous">What was stored before.</param>
/// <param name="ChangedBy">Who, as it is recorded.</param>
internal sealed record SetVoice(VoiceChangeResult Result, string? Previous, string ChangedBy)
{
    /// <summary>What became of it, in words.</summary>
    public string Text => Result switch
    {
        { Outcome: ChangeOutcome.Updated } =>
            $"business {Result.BusinessId}: voice {PeerText.Line(Previous ?? "none")} became {Result.VoiceId}",
        { Reason: ChangeRejection.UnknownBusiness } =>
            $"There is no business {Result.BusinessId}; the rejected change is recorded.",
        _ => $"A later change of business {Result.BusinessId} stands: {Result.StandingVoiceId ?? "none"}; "
            + "the rejected change is recorded.",
    };

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
    public static async Task<DatabaseClock> ReadAsync(
        PostgresConnections connections, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var now = await DatabaseTime.ReadAsync(connection, cancellationToken);
        return new(now - System.GetUtcNow());
    }

    public override DateTimeOffset GetUtcNow()
    {
        var now = System.GetUtcNow() + ahead;
        // As the database keeps it.
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
