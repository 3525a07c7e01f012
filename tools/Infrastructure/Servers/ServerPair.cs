namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A PostgreSQL and a RabbitMQ. Those that were started for it end with it.</summary>
public sealed class ServerPair : IAsyncDisposable
{
    private ServerPair(PostgresServer postgres, RabbitMqServer rabbitMq) => (Postgres, RabbitMq) = (postgres, rabbitMq);

    public PostgresServer Postgres { get; }

    public RabbitMqServer RabbitMq { get; }

    /// <summary>Finds or starts both at the same time; of a data directory each has a folder.</summary>
    /// <exception cref="ServerUnavailableException">One cannot be had; the other is stopped again.</exception>
    public static async Task<ServerPair> FindAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var postgres = PostgresServer.FindAsync(Below("postgres"), both.Token);
        var rabbitMq = RabbitMqServer.FindAsync(Below("rabbitmq"), both.Token);
        try
        {
            // The first to end first: of two failures it is the cause, the other one its cancellation.
            await await Task.WhenAny(postgres, rabbitMq);
            return new ServerPair(await postgres, await rabbitMq);
        }
        catch
        {
            await both.CancelAsync();
            await DisposeIfFoundAsync(postgres);
            await DisposeIfFoundAsync(rabbitMq);
            throw;
        }

        ServerOptions Below(string folder) =>
            options.DataDirectory is { } root ? options with { DataDirectory = Path.Combine(root, folder) } : options;
    }

    private static async Task DisposeIfFoundAsync<T>(Task<T> search)
        where T : IAsyncDisposable
    {
        await ((Task)search).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (search.IsCompletedSuccessfully)
            await (await search).DisposeAsync();
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(RabbitMq.DisposeAsync().AsTask(), Postgres.DisposeAsync().AsTask());
}
