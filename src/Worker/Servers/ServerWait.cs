using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using RabbitMQ.Client;
using VoiceWorker.Commit;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Waits for PostgreSQL and RabbitMQ with bounded back-off and one log line per change of state.</summary>
public sealed class ServerWait(
    PostgresConnections postgres, IOptions<ConnectionOptions> servers, TimeProvider time, ILogger<ServerWait> logger)
{
    /// <summary>Returns when a query is answered.</summary>
    /// <param name="timeout">How long to wait; zero is one attempt.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ServerUnreachableException">It was not answered in time.</exception>
    /// <exception cref="PooledConnectionException">Sessions are not the worker's own.</exception>
    public Task ForPostgresAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        ForAsync(NameOfPostgres(), PingPostgresAsync, timeout, cancellationToken);

    /// <summary>Returns a connection as soon as one is accepted; it does not recover by itself.</summary>
    /// <param name="name">Shown in RabbitMQ's list of connections.</param>
    /// <param name="timeout">How long to wait; zero is one attempt.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ServerUnreachableException">It was not accepted in time.</exception>
    public Task<IConnection> ForRabbitMqAsync(string name, TimeSpan timeout, CancellationToken cancellationToken) =>
        ForAsync(NameOfRabbitMq(), token => RabbitConnection.OpenAsync(servers.Value, name, token), timeout,
            cancellationToken);

    private async Task<T> ForAsync<T>(
        string server, Func<CancellationToken, Task<T>> ask, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await ask(cancellationToken);
                logger.ServerAnswers(server);
                return answer;
            }
            catch (Exception failure) when (failure is not PooledConnectionException
                && !cancellationToken.IsCancellationRequested)
            {
                if (waiting.Elapsed >= timeout)
                    throw new ServerUnreachableException(server, Describe(failure), failure);
                if (attempt == 1)
                    logger.WaitingForServer(server, Describe(failure));
            }

            await Task.Delay(Retry.DelayAfter(attempt), time, cancellationToken);
        }
    }

    private async Task<bool> PingPostgresAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await postgres.OpenAsync(cancellationToken);
            await EnsureDirectAsync(connection, cancellationToken);
            return true;
        }
        // PgBouncer's answer to the search path and the time zone, unless it is told to ignore them.
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.ProtocolViolation)
        {
            throw new PooledConnectionException(failure.MessageText);
        }
        catch (NpgsqlException failure) when (PostgresTls.IsRefusal(failure))
        {
            throw new CertificateRefusedException(
                await PostgresTls.ExplainAsync(postgres.ConnectionString, cancellationToken));
        }
    }

    // A pooler makes up the process id that it tells its clients: they are not to know which session they will get.
    private static async Task EnsureDirectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        var process = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (process != connection.ProcessID)
        {
            throw new PooledConnectionException(
                $"it speaks of process {connection.ProcessID}, and the session's process is {process}");
        }
    }

    private string Describe(Exception failure) =>
        ServerFailure.Describe(failure) + RabbitTls.HintAt(failure, servers.Value);

    private string NameOfPostgres()
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        return $"PostgreSQL at {settings.Host}:{settings.Port}, database {settings.Database}";
    }

    /// <summary>With host and port, for messages.</summary>
    public string NameOfRabbitMq()
    {
        var uri = new Uri(servers.Value.RabbitMq);
        return $"RabbitMQ at {uri.Host}:{RabbitTls.PortOf(uri)}";
    }
}
