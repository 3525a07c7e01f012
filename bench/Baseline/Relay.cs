using System.Text.Json;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bench.Baseline;

/// <summary>Outbox → broker: a page is published with pipelined confirms, awaited once, and deleted in the round trip
/// that reads the next one.</summary>
internal sealed class Relay(IChannel output, NpgsqlConnection connection) : IDisposable
{
    private const int MaxPage = 500;
    private const string DeleteSql = "DELETE FROM baseline.outbox WHERE id > $1 AND id <= $2";

    // From where the last page ended: dead rows before it are not looked at again. Ids are committed in their order,
    // because one connection inserts them.
    private const string ReadSql = """
        SELECT id, event_id, call_id, business_id, started_at, voice_id, reason, decided_at
        FROM baseline.outbox WHERE id > $1 ORDER BY id LIMIT $2
        """;

    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly List<CallVoiceResolved> _page = new(MaxPage);
    private long _deleted;
    private long _published;

    public void Wake()
    {
        if (_woken.CurrentCount == 0)
            _woken.Release();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await TurnPageAsync(cancellationToken);
            if (_page.Count > 0)
                await PublishAsync(cancellationToken);
            else
                await _woken.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _woken.Dispose();

    private async Task TurnPageAsync(CancellationToken cancellationToken)
    {
        var last = _published;
        await using var batch = new NpgsqlBatch(connection);
        if (_deleted < last)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(DeleteSql) { Parameters = { Long(_deleted), Long(last) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadSql) { Parameters = { Long(last), Long(MaxPage) } });
        _page.Clear();
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                _published = reader.GetInt64(0);
                _page.Add(Read(reader));
            }
        }

        _deleted = last;
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var confirms = new Confirms(await output.GetNextPublishSequenceNumberAsync(cancellationToken), _page.Count);
        output.BasicAcksAsync += confirms.OnAckAsync;
        output.BasicNacksAsync += confirms.OnNackAsync;
        foreach (var resolved in _page)
        {
            var properties = new BasicProperties
            {
                MessageId = resolved.EventId.ToString(), Type = nameof(CallVoiceResolved),
                ContentType = "application/json", DeliveryMode = DeliveryModes.Persistent,
            };
            await output.BasicPublishAsync(Exchanges.CallVoiceResolved, "", mandatory: true, properties,
                JsonSerializer.SerializeToUtf8Bytes(resolved, ContractsJson.Default.CallVoiceResolved),
                cancellationToken);
        }

        await confirms.All.WaitAsync(cancellationToken);
        output.BasicAcksAsync -= confirms.OnAckAsync;
        output.BasicNacksAsync -= confirms.OnNackAsync;
    }

    private static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value };

    private static CallVoiceResolved Read(NpgsqlDataReader row)
    {
        var (businessId, reason) = (row.GetInt32(3), (VoiceReason)row.GetInt16(6));
        return new CallVoiceResolved
        {
            EventId = row.GetGuid(1), Stream = AuditEvent.BusinessStream(businessId), CallId = row.GetString(2),
            BusinessId = businessId, StartedAt = row.GetDateTime(4), VoiceId = row.GetString(5),
            Source = CallStatement.SourceOf(reason), Reason = reason, OccurredAt = row.GetDateTime(7),
        };
    }
}

/// <summary>The broker's answers to one page; each message is counted once, whatever answers for it.</summary>
internal sealed class Confirms(ulong first, int count)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool[] _confirmed = new bool[count];
    private int _open = count;

    public Task All => _all.Task;

    public Task OnAckAsync(object sender, BasicAckEventArgs ack)
    {
        var last = (int)(ack.DeliveryTag - first);
        for (var i = ack.Multiple ? 0 : last; i <= last; i++)
        {
            if (_confirmed[i])
                continue;
            _confirmed[i] = true;
            if (--_open == 0)
                _all.SetResult();
        }

        return Task.CompletedTask;
    }

    public Task OnNackAsync(object sender, BasicNackEventArgs nack)
    {
        _all.TrySetException(new InvalidOperationException("The broker refuses events"));
        return Task.CompletedTask;
    }
}
