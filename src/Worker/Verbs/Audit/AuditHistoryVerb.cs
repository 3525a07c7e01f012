using System.Text.Json.Nodes;
using Npgsql;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Verbs.Audit;

/// <summary><c>audit list</c> and <c>audit show</c>: the history of a business, a call, the schema or all of
/// it.</summary>
internal static class AuditHistoryVerb
{
    private const int PageSize = 500;

    /// <summary>Shows it, page by page.</summary>
    public static Task<int> RunAsync(string[] settings, AuditQuery query, int limit, AuditHistoryForm form) =>
        Tools.WithSchemaAsync(settings, async services =>
        {
            using var interruption = new Interruption();
            await using var connection = await services.GetRequiredService<PostgresConnections>()
                .OpenAsync(interruption.Token);
            try
            {
                // There is one of an id, and nothing is left to look for behind it.
                return query.EventId is null
                    ? await ShowAsync(connection, query, limit, form, interruption.Token)
                    : await ShowAsync(connection, query with { NewestFirst = false }, 1, form, interruption.Token);
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
        var place = await CallPlace.FindAsync(connection, query, cancellationToken);
        var pageSize = limit is > 0 and < PageSize ? limit : PageSize;
        var events = AuditTrail.ReadAsync(connection, place.Query, pageSize, cancellationToken)
            .Take(limit == 0 ? int.MaxValue : limit);
        var count = form.Json is null && !form.IsWhole
            ? await AuditScreen.WriteLinesAsync(events)
            : await WriteAsync(form, form.IsWhole
                ? History.ReadAsync(connection, events, cancellationToken).Select(entry => entry.ToJson())
                : events.Select(AuditScreen.Json));
        if (count == 0)
            await Console.Error.WriteLineAsync(WhyNone(query, place.RecordedFor));
        return ExitCode.Ok;
    }

    private static Task<long> WriteAsync(AuditHistoryForm form, IAsyncEnumerable<JsonObject> events) => form.Json switch
    {
        JsonForm.Array => JsonScreen.WriteArrayAsync(events),
        JsonForm.Lines => JsonScreen.WriteLinesAsync(events),
        _ => AuditScreen.WriteWholeAsync(events),
    };

    private static string WhyNone(AuditQuery query, int? recordedFor) => recordedFor is { } business
        ? $"No event of call {query.CallId} is in the store yet, or none that the other filters let pass; "
            + $"the call is recorded for business {business}."
        : "There is no such event in the store.";
}

/// <summary>How events are shown.</summary>
/// <param name="IsWhole">With their place in the store, their trace and their cause, instead of as on the wire.</param>
/// <param name="Json">Null for people.</param>
internal sealed record AuditHistoryForm(bool IsWhole, JsonForm? Json);

/// <summary>How JSON is written.</summary>
internal enum JsonForm
{
    /// <summary>One array.</summary>
    Array,

    /// <summary>One document a line.</summary>
    Lines,
}
