using Npgsql;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Calls;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary><c>audit list</c> and <c>audit show</c>: the history of a business, a call, the schema or all of
/// it.</summary>
internal static class AuditHistoryVerb
{
    private const int PageSize = 500;

    /// <summary>Shows it, page by page.</summary>
    public static Task<int> RunAsync(string[] settings, AuditQuery query, int limit, AuditHistoryForm form) =>
        Tools.WithDatabaseAsync(settings, async services =>
        {
            using var interruption = new Interruption();
            await using var connection = await services.GetRequiredService<PostgresConnections>()
                .OpenAsync(interruption.Token);
            try
            {
                return await ShowAsync(connection, query, limit, form, interruption.Token);
            }
            catch (Exception) when (interruption.Token.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
        });

    private static async Task<int> ShowAsync(
        NpgsqlConnection connection, AuditQuery query, int limit, AuditHistoryForm form,
        CancellationToken cancellationToken)
    {
        var recordedFor = query is { CallId: { } callId, Stream: null }
            ? await CallVoiceTable.FindBusinessAsync(connection, callId, cancellationToken) : null;
        // Without its row the whole store has to be searched for a call.
        var found = query with
        {
            Stream = query.Stream ?? (recordedFor is { } business ? AuditEvent.BusinessStream(business) : null),
        };
        var pageSize = limit is > 0 and < PageSize ? limit : PageSize;
        var events = AuditTrail.ReadAsync(connection, found, pageSize, cancellationToken)
            .Take(limit == 0 ? int.MaxValue : limit);
        var count = form switch
        {
            AuditHistoryForm.Json => await JsonScreen.WriteArrayAsync(events.Select(AuditScreen.Json)),
            AuditHistoryForm.Whole => await AuditScreen.WriteWholeAsync(events),
            _ => await AuditScreen.WriteLinesAsync(events),
        };
        if (count == 0)
            await Console.Error.WriteLineAsync(WhyNone(query, recordedFor));
        return ExitCode.Ok;
    }

    private static string WhyNone(AuditQuery query, int? recordedFor) => recordedFor is { } business
        ? $"No event of call {query.CallId} is in the store yet, or none of that time; "
            + $"the call is recorded for business {business}."
        : "There is no such event in the store.";
}

/// <summary>How events are shown.</summary>
internal enum AuditHistoryForm
{
    /// <summary>One line each.</summary>
    Lines,

    /// <summary>Each field on a line of its own.</summary>
    Whole,

    /// <summary>One array, as on the wire.</summary>
    Json,
}
