using Npgsql;
using VoiceWorker.Demo.Legacy;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo.Local;

/// <summary>The PostgreSQL and the RabbitMQ of the demonstration; those that it started end with it.</summary>
internal sealed class DemoServers : IAsyncDisposable
{
    private VerbEnvironment? _verbs;

    private DemoServers(PostgresServer postgres, RabbitMqServer rabbitMq) => (Postgres, RabbitMq) = (postgres, rabbitMq);

    public PostgresServer Postgres { get; }

    public RabbitMqServer RabbitMq { get; }

    /// <summary>Finds or starts both at the same time.</summary>
    public static async Task<DemoServers> FindAsync(CancellationToken cancellationToken)
    {
        Screen.Note("waiting for PostgreSQL and RabbitMQ; the first start creates their data in .local/");
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var postgres = PostgresServer.FindAsync(OptionsOf("postgres"), both.Token);
        var rabbitMq = RabbitMqServer.FindAsync(OptionsOf("rabbitmq"), both.Token);
        if (!(await Task.WhenAny(postgres, rabbitMq)).IsCompletedSuccessfully)
            await both.CancelAsync();
        try
        {
            await Task.WhenAll(postgres, rabbitMq);
        }
        catch
        {
            await DisposeIfFoundAsync(postgres);
            await DisposeIfFoundAsync(rabbitMq);
            // The cause, and not the other one's cancellation.
            await (postgres.IsFaulted ? postgres : rabbitMq.IsFaulted ? rabbitMq : Task.CompletedTask);
            throw;
        }

        Screen.Note("both accept connections");
        return new DemoServers(await postgres, await rabbitMq);
    }

    /// <summary>Says where everything is, how to send messages and how to look into the worker.</summary>
    public void Describe(Uri worker)
    {
        _verbs = new VerbEnvironment(
            IsGiven("VOICE_POSTGRES") ? null : new LegacyDatabase(Postgres).ConnectionString, IsGiven("VOICE_RABBITMQ") ? null : RabbitMq.AmqpUri);
        var database = new NpgsqlConnectionStringBuilder(Postgres.ConnectionString);
        Screen.Title("5. Everything stays up until Ctrl-C; audit events are shown as they arrive");
        Screen.Line("psql", $"\"host={database.Host} port={database.Port} user={database.Username} "
            + $"dbname={LegacyDatabase.Name}\"   {PasswordHint()}");
        Screen.Line("amqp", RabbitMqHint());
        Screen.Line("health", new Uri(worker, "/health/ready").ToString());
        Screen.Line("verbs", VerbEnvironment.Usage);
        HowToSend.Show($"VOICE_RABBITMQ={RabbitMqHint()} ./run");
    }

    public async ValueTask DisposeAsync()
    {
        _verbs?.Dispose();
        Screen.Note("stopping what was started of RabbitMQ and PostgreSQL");
        await Task.WhenAll(RabbitMq.DisposeAsync().AsTask(), Postgres.DisposeAsync().AsTask());
    }

    private static ServerOptions OptionsOf(string server) => new()
    {
        DataDirectory = Path.Combine(Environment.CurrentDirectory, ".local", server),
        Progress = Screen.Note,
    };

    private static async Task DisposeIfFoundAsync(Task<PostgresServer> search)
    {
        await ((Task)search).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (search.IsCompletedSuccessfully)
            await (await search).DisposeAsync();
    }

    private static async Task DisposeIfFoundAsync(Task<RabbitMqServer> search)
    {
        await ((Task)search).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (search.IsCompletedSuccessfully)
            await (await search).DisposeAsync();
    }

    private string PasswordHint() => Postgres switch
    {
        LocalPostgres local => $"password: cat {Path.Combine(Path.GetDirectoryName(local.LogFile)!, "password")}",
        _ when IsGiven("VOICE_POSTGRES") => "password: that of VOICE_POSTGRES",
        _ => "password: POSTGRES_PASSWORD of the container (docker inspect)",
    };

    // The password of a private broker is the same everywhere and no secret; that of a given one is.
    private string RabbitMqHint() => IsGiven("VOICE_RABBITMQ")
        ? new UriBuilder(RabbitMq.AmqpUri) { Password = "PASSWORD" }.Uri.ToString()
        : RabbitMq.AmqpUri.ToString();

    private static bool IsGiven(string variable) =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("VOICE_SERVERS"))
        && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
