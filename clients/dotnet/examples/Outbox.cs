using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using VoiceWorker.Contracts;

namespace VoiceWorker.Client.Examples;

/// <summary>Changes of voices that go out with the application's own transaction: both are made, or none. Copy it; it
/// is yours. Several can run: each takes rows that no other has.</summary>
public sealed partial class Outbox(NpgsqlDataSource database, IVoiceClient client, ILogger<Outbox> logger)
    : BackgroundService
{
    /// <summary>Its table; an application has a migration for it.</summary>
    public const string Table = """
        CREATE TABLE IF NOT EXISTS voice_outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, business_id integer NOT NULL, voice_id text NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT clock_timestamp(), changed_by text,
            broken text);
        """;

    /// <summary>For the transaction that changes the business, behind its UPDATE, whose lock orders the changes of one
    /// business: $1 the business, $2 the voice, $3 who.</summary>
    public const string AddSql = "INSERT INTO voice_outbox (business_id, voice_id, changed_by) VALUES ($1, $2, $3)";

    private const string NextSql = """
        SELECT id, business_id, voice_id, changed_at, changed_by FROM voice_outbox
        WHERE broken IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        """;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var isSent = false;
            try
            {
                isSent = await SendNextAsync(stoppingToken);
            }
            catch (Exception error) when (error is NotConfirmedException or NpgsqlException)
            {
                Waits(logger, error.Message);
            }

            if (!isSent)
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // False when there is none. Killed behind the confirm, it sends the change again, which has one effect.
    private async Task<bool> SendNextAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await NextAsync(connection, cancellationToken) is not var (id, change))
            return false;
        await using var end = new NpgsqlCommand("DELETE FROM voice_outbox WHERE id = $1", connection);
        end.Parameters.Add(new NpgsqlParameter { Value = id });
        try
        {
            await client.PublishAsync(change, cancellationToken: cancellationToken);
        }
        catch (ContractException error)
        {
            // It stays for people to look at, and does not hold up the others.
            end.CommandText = "UPDATE voice_outbox SET broken = $2 WHERE id = $1";
            end.Parameters.Add(new NpgsqlParameter { Value = error.Message });
        }

        await end.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<(long Id, BusinessVoiceChanged Change)?> NextAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(NextSql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
            return null;
        var changedBy = await row.IsDBNullAsync(4, cancellationToken) ? null : row.GetString(4);
        return (row.GetInt64(0), new BusinessVoiceChanged(
            row.GetInt32(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), changedBy));
    }

    [LoggerMessage(1, LogLevel.Warning, "The outbox waits: {Reason}")]
    private static partial void Waits(ILogger logger, string reason);
}
