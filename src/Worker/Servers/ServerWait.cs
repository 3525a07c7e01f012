using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;
using VoiceWorker.Commit;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Waits for PostgreSQL and RabbitMQ with bounded back-off and one log line per change of state.</summary>
internal sealed class ServerWait(
    PostgresConnections postgres, IOptions<ConnectionOptions> servers, TimeProvider time, ILogger<ServerWait> logger)
{
    /// <summary>Returns when a query is answered.</summary>
    /// <param name="timeout">How long to wait; zero is one attempt.</param>
    /// <exception cref="ServerUnreachableException">It was not answered in time.</exception>
    /// <exception cref="PooledConnectionException">Sessions are not the worker's own.</exception>
    public Task ForPostgresAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        ForAsync(NameOfPostgres(), PingPostgresAsync, timeout, isQuiet: false, cancellationToken);

    /// <summary>Returns a connection as soon as one is accepted; it does not recover by itself.</summary>
    /// <param name="name">Shown in RabbitMQ's list of connections.</param>
    /// <param name="timeout">How long to wait; zero is one attempt.</param>
    /// <exception cref="ServerUnreachableException">It was not accepted in time.</exception>
    public Task<IConnection> ForRabbitMqAsync(string name, TimeSpan timeout, CancellationToken cancellationToken) =>
        ForAsync(NameOfRabbitMq(), token => RabbitConnection.OpenAsync(servers.Value, name, token), timeout,
            isQuiet: false, cancellationToken);

    /// <summary>The same for as long as it takes; nothing is logged when the first attempt succeeds.</summary>
    public Task<IConnection> ForRabbitMqAgainAsync(string name, CancellationToken cancellationToken) =>
        ForAsync(NameOfRabbitMq(), token => RabbitConnection.OpenAsync(servers.Value, name, token), TimeSpan.MaxValue,
            isQuiet: true, cancellationToken);

    private async Task<T> ForAsync<T>(
        string server, Func<CancellationToken, Task<T>> ask, TimeSpan timeout, bool isQuiet,
        CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await ask(cancellationToken);
                if (attempt > 1 || !isQuiet)
                    logger.ServerAnswers(server);
                return answer;
            }
            catch (Exception failure) when (failure is not PooledConnectionException
                && !cancellationToken.IsCancellationRequested)
            {
                var judged = ServerFailure.Of(failure);
                var reason = judged.Words + await RabbitTls.HintAtAsync(failure, servers.Value, cancellationToken);
                // A server that refuses has answered, and no waiting changes what it says.
                if (waiting.Elapsed >= timeout || judged.Kind is FailureKind.Settings or FailureKind.Privilege)
                    throw new ServerUnreachableException(server, reason, judged);
                if (attempt == 1)
                    logger.WaitingForServer(server, reason);
            }

            await Task.Delay(Retry.DelayAfter(attempt), time, cancellationToken);
        }
    }

    private async Task<bool> PingPostgresAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PostgresProbe.EnsureUsableAsync(postgres.ConnectionString, cancellationToken);
            // Of the worker's own, with its settings: whether it may write.
            await using var session = await postgres.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException failure) when (PostgresTls.IsRefusal(failure))
        {
            throw new CertificateRefusedException(
                await PostgresTls.ExplainAsync(postgres.ConnectionString, cancellationToken));
        }
        catch (NpgsqlException failure) when (SqlFailure.Of(failure).Kind is FailureKind.Outage
            && new NpgsqlConnectionStringBuilder(postgres.ConnectionString) is var settings
            && PostgresAddress.Of(settings).Count > 1)
        {
            throw await PostgresHosts.ExplainAsync(settings, cancellationToken);
        }
    }

    /// <summary>With hosts, ports and database, for messages.</summary>
    public string NameOfPostgres()
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        return $"PostgreSQL at {string.Join(", ", PostgresAddress.Of(settings))}, database {settings.Database}";
    }

    /// <summary>For a connection to RabbitMQ that broke while it was used.</summary>
    public ServerUnreachableException BrokerLost(Exception failure)
    {
        var judged = ServerFailure.Of(failure);
        return new(NameOfRabbitMq(), judged.Words, judged with { Kind = FailureKind.Outage });
    }

    /// <summary>With hosts and ports, for messages.</summary>
    public string NameOfRabbitMq() => $"RabbitMQ at {servers.Value.Nodes.Uri}";
}

/// <summary>A server cannot be used.</summary>
/// <param name="kind">An outage, when waiting can help; else what it refuses.</param>
/// <param name="message">Which, with host and port, and why.</param>
/// <param name="cause">What came instead of an answer.</param>
internal sealed class ServerUnreachableException(FailureKind kind, string message, Exception cause)
    : Exception(message, cause)
{
    /// <summary>From the last attempt.</summary>
    /// <param name="server">PostgreSQL or RabbitMQ, with host and port.</param>
    /// <param name="reason">In words.</param>
    /// <param name="judged">Why.</param>
    public ServerUnreachableException(string server, string reason, Failure judged)
        : this(judged.Kind, $"{server} {Verb(judged)}: {reason}", judged.Cause)
    {
    }

    public FailureKind Kind => kind;

    private static string Verb(Failure judged) => judged switch
    {
        { Kind: FailureKind.Settings or FailureKind.Privilege } => "refuses the worker",
        // A SQLSTATE or a reply code is an answer.
        { Code: [>= '0' and <= '9', ..] } => "cannot be used",
        _ => "does not answer",
    };
}
