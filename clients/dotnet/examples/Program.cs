using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using VoiceWorker.Client;
using VoiceWorker.Client.Audit;
using VoiceWorker.Client.Examples;
using VoiceWorker.Contracts;

// A telephony application: answers calls, changes voices with its own transaction, and keeps what the audit trail says
// of voices, each call exactly once. AMQP_URLS, separated by spaces, and DATABASE.
var uris = Environment.GetEnvironmentVariable("AMQP_URLS")!.Split(' ');
var database = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("DATABASE")!);
await using (var tables = database.CreateCommand($"""
    {PostgresLedger.Tables} {Outbox.Table}
    CREATE TABLE IF NOT EXISTS business (id integer PRIMARY KEY, voice_id text);
    CREATE TABLE IF NOT EXISTS voice_of_call (call_id text PRIMARY KEY, voice_id text NOT NULL);
    """))
    await tables.ExecuteNonQueryAsync();

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton(database);
builder.Services.AddVoiceWorkerClient(uris);
builder.Services.AddHostedService<Outbox>();
builder.Services.AddVoiceWorkerAuditConsumer(
    new AuditConsumerOptions { Uris = uris, Queue = "audit-billing" },
    services => new PostgresLedger(services.GetRequiredService<NpgsqlDataSource>()), _ => KeepAsync);

var app = builder.Build();
app.MapGet("/calls/{callId}/voice", (string callId, int business, IVoiceClient client) =>
    client.VoiceForAsync(business, callId));
app.MapPut("/businesses/{business:int}/voice", async (int business, string voice) =>
{
    await using var connection = await database.OpenConnectionAsync();
    await using var transaction = await connection.BeginTransactionAsync();
    await ExecuteAsync("UPDATE business SET voice_id = $2 WHERE id = $1", business, voice);
    await ExecuteAsync(Outbox.AddSql, business, voice, "user:7");
    await transaction.CommitAsync();
    return Results.NoContent();

    async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }
});
await app.RunAsync();

static async Task KeepAsync(
    ReceivedEvent received, PostgresTransaction transaction, CancellationToken cancellationToken)
{
    if (received.Event is not CallVoiceResolved call)
        return;
    await using var insert = transaction.Command(
        "INSERT INTO voice_of_call VALUES ($1, $2)", call.CallId, call.VoiceId);
    await insert.ExecuteNonQueryAsync(cancellationToken);
}
