using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Spectre.Console;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.Persistence.Outbox;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Verbs;

/// <summary><c>status</c>: schema, relay and backlog on one screen, or as JSON.</summary>
internal static class StatusVerb
{
    public static Task<int> RunAsync(string[] settings, bool json) => Tools.WithDatabaseAsync(settings, async services =>
    {
        var status = await ReadAsync(services);
        if (json)
            Console.WriteLine(status.ToJsonString(new() { WriteIndented = true }));
        else
            WriteTable(status);
        return ExitCode.Ok;
    });

    private static async Task<JsonObject> ReadAsync(IServiceProvider services)
    {
        var pending = await services.GetRequiredService<SchemaMigrator>().PlanAsync(CancellationToken.None);
        var options = services.GetRequiredService<IOptions<MigrationOptions>>().Value;
        await using var connection = await services.GetRequiredService<PostgresConnections>().OpenAsync(CancellationToken.None);
        var problems = await SchemaVerification.FindProblemsAsync(connection, options, CancellationToken.None);
        var status = new JsonObject
        {
            ["voiceId"] = pending.VoiceId.ToString(),
            ["pending"] = new JsonArray([.. pending.Describe().Select(line => JsonValue.Create(line))]),
            ["problems"] = new JsonArray([.. problems.Select(problem => JsonValue.Create(problem))]),
        };
        // Before the first migration there is no relay to speak of.
        if (!pending.NeedsOwnSchema)
            await AddRelayAsync(status, connection);
        return status;
    }

    private static async Task AddRelayAsync(JsonObject status, Npgsql.NpgsqlConnection connection)
    {
        status["lastMigration"] = Describe(await MigrationRunTable.FindLastAsync(connection, CancellationToken.None));
        var (waiting, oldestWaiting) = await OutboxTable.BacklogAsync(connection, CancellationToken.None);
        var (unpublished, oldestUnpublished) = await RelayCheckpointTable.UnpublishedAsync(connection, CancellationToken.None);
        status["relayLeaderPid"] = await RelayLeadership.FindLeaderAsync(connection, CancellationToken.None);
        status["unsequenced"] = waiting;
        status["oldestUnsequenced"] = Format(oldestWaiting);
        status["unpublished"] = unpublished;
        status["oldestUnpublished"] = Format(oldestUnpublished);
    }

    private static JsonObject? Describe(MigrationRun? run) => run is null ? null : new JsonObject
    {
        ["runId"] = run.RunId,
        ["migration"] = run.Migration,
        ["startedAt"] = Format(run.StartedAt),
        ["completedAt"] = Format(run.CompletedAt),
        ["steps"] = new JsonArray([.. run.Steps.Select(step => JsonValue.Create(step))]),
        ["rowsBackfilled"] = run.RowsBackfilled,
    };

    private static string? Format(DateTimeOffset? instant) => instant?.ToString("O", CultureInfo.InvariantCulture);

    private static void WriteTable(JsonObject status)
    {
        var table = new Table().HideHeaders().Border(TableBorder.None).AddColumn("").AddColumn("");
        foreach (var (name, value) in status)
        {
            var text = value switch
            {
                JsonArray lines => string.Join('\n', lines.Select(line => line!.ToString())),
                JsonObject => value.ToJsonString(),
                _ => value?.ToString(),
            };
            table.AddRow(Markup.Escape(name), Markup.Escape(string.IsNullOrEmpty(text) ? "-" : text));
        }

        AnsiConsole.Write(table);
    }
}
