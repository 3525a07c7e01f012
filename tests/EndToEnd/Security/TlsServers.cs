using Npgsql;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Security;

/// <summary>A PostgreSQL and a RabbitMQ of these tests alone, which show certificates for localhost, and passwords that
/// would be recognized anywhere.</summary>
[CollectionDefinition(Name)]
public sealed class TlsServers : IAsyncLifetime, ICollectionFixture<TlsServers>
{
    /// <summary>Of the classes that share them.</summary>
    public const string Name = "TLS";

    /// <summary>Of every account.</summary>
    public const string Password = "PASSWORD-b5f7";

    private readonly string _folder = Directory.CreateTempSubdirectory("voice-tls-").FullName;

    /// <summary>Signed the servers' certificates.</summary>
    public CertificateAuthority Authority { get; } = new("Voice test authority");

    public LocalPostgres Postgres { get; private set; } = null!;

    public LocalRabbitMq RabbitMq { get; private set; } = null!;

    public LegacyDatabase Database { get; private set; } = null!;

    /// <summary>The PEM file of the right authority.</summary>
    public string AuthorityFile => Path.Combine(_folder, "right.pem");

    /// <summary>The PEM file of another authority.</summary>
    public string StrangerFile => Path.Combine(_folder, "stranger.pem");

    public async ValueTask InitializeAsync()
    {
        using var stranger = new CertificateAuthority("Somebody else");
        await File.WriteAllTextAsync(AuthorityFile, Authority.Pem, Token);
        await File.WriteAllTextAsync(StrangerFile, stranger.Pem, Token);
        var postgres = LocalPostgres.LaunchAsync(Options(TimeSpan.FromDays(1)), Token);
        RabbitMq = await LocalRabbitMq.LaunchAsync(Options(TimeSpan.FromDays(1)), Token);
        Postgres = await postgres;
        Database = await LegacyDatabase.CreateMigratedAsync(Postgres, businesses: 10, Password);
    }

    /// <summary>How such a server is launched.</summary>
    /// <param name="validFor">Of its certificate, from now.</param>
    public ServerOptions Options(TimeSpan validFor) => new()
    {
        Certificate = Authority.Issue("localhost", validFor), RabbitMqPassword = Password, Progress = Console.Error.WriteLine,
    };

    /// <summary>The environment of a worker that checks both certificates.</summary>
    public Dictionary<string, string> Environment(string? host = null, string? postgresAuthority = null, string? rabbitAuthority = null) => new()
    {
        ["ConnectionStrings__Postgres"] = PostgresAt(new NpgsqlConnectionStringBuilder(Database.WorkerConnectionString).Port, host, postgresAuthority),
        ["ConnectionStrings__RabbitMq"] = RabbitMqAt(RabbitMq.TlsPort, host),
        ["ConnectionStrings__RabbitMqCaFile"] = rabbitAuthority ?? AuthorityFile,
        // Long enough for several workers that start at once on a busy machine.
        ["Boot__Timeout"] = "00:00:04",
    };

    public string PostgresAt(int port, string? host = null, string? authority = null) => new NpgsqlConnectionStringBuilder(Database.WorkerConnectionString)
    {
        Host = host ?? "localhost", Port = port, SslMode = SslMode.VerifyFull, RootCertificate = authority ?? AuthorityFile,
    }.ConnectionString;

    public static string RabbitMqAt(int port, string? host = null) => $"amqps://guest:{Password}@{host ?? "localhost"}:{port}/";

    public async ValueTask DisposeAsync()
    {
        // The database goes with its server, which a test may have left dead.
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
