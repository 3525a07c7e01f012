using Npgsql;
using VoiceWorker.Demo.Traffic;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo.Legacy;

/// <summary>The first act: the database as the legacy application left it, and the query that fails.</summary>
internal static class LegacyAct
{
    /// <summary>The act on its own, before a worker is there.</summary>
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (WorkerHealth.Given() is { } url && await WorkerHealth.IsAliveAsync(url, cancellationToken))
            throw new InvalidOperationException(
                $"A worker is running at {url}; its database would be dropped. Stop it first: docker compose down");
        await using var postgres = await PostgresServer.FindAsync(new ServerOptions { Progress = Screen.Note }, cancellationToken);
        await using var rabbitMq = await RabbitMqServer.FindAsync(new ServerOptions { Progress = Screen.Note }, cancellationToken);
        await PlayAsync(postgres, rabbitMq, cancellationToken);
        return 0;
    }

    /// <summary>Leaves the broken database behind, and the audit queue empty and bound.</summary>
    /// <exception cref="InvalidOperationException">The query did not fail.</exception>
    public static async Task PlayAsync(PostgresServer postgres, RabbitMqServer rabbitMq, CancellationToken cancellationToken)
    {
        Screen.Title("1. The legacy database: the application's model has business.voice_id, the table has not");
        Screen.Note($"creating the database {LegacyDatabase.Name} anew");
        var database = await LegacyDatabase.RecreateAsync(postgres, cancellationToken);
        await ShowFailureAsync(database, cancellationToken);
        Screen.Note($"binding the queue {AuditTrail.Queue} to the exchange {AuditTrail.Exchange}, and emptying it");
        await AuditTrail.PrepareAsync(rabbitMq.AmqpUri, cancellationToken);
    }

    private static async Task ShowFailureAsync(LegacyDatabase database, CancellationToken cancellationToken)
    {
        Screen.Block(LegacyDatabase.BusinessQuery, "blue");
        try
        {
            await database.LoadBusinessesAsync(cancellationToken);
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.UndefinedColumn)
        {
            Screen.Block($"UndefinedColumn ({failure.SqlState}): {failure.MessageText}\n{Excerpt(failure.Position)}", "red");
            return;
        }

        throw new InvalidOperationException("The query was to fail with UndefinedColumn, and did not");
    }

    // PostgreSQL counts characters of the whole query from 1.
    private static string Excerpt(int position)
    {
        var before = LegacyDatabase.BusinessQuery[..(position - 1)];
        var lineStart = before.LastIndexOf('\n') + 1;
        var number = before.Count(character => character == '\n') + 1;
        var line = LegacyDatabase.BusinessQuery[lineStart..].Split('\n')[0];
        var label = $"LINE {number}: ";
        return $"{label}{line}\n{new string(' ', label.Length + position - 1 - lineStart)}^";
    }
}
