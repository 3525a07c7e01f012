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
    private LegacyDatabase _original = null!;

    /// <summary>Signed the servers' certificates.</summary>
    public CertificateAuthority Authority { get; } = new("Voice test authority");

    public LocalPostgres Postgres { get; private set; } = null!;

    public LocalRabbitMq RabbitMq { get; private set; } = null!;

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
        _original = await LegacyDatabase.CreateMigratedAsync(Postgres, businesses: 0, Password);
    }

    /// <summary>A migrated database of the test's own: nobody else's events come out of it.</summary>
    public Task<LegacyDatabase> CopyDatabaseAsync() => _original.CopyAsync(businesses: 10);

    /// <summary>How such a server is launched.</summary>
    /// <param name="validFor">Of its certificate, from now.</param>
    public ServerOptions Options(TimeSpan validFor) => new()
    {
        Certificate = Authority.Issue("localhost", validFor), RabbitMqPassword = Password, Progress = Console.Error.WriteLine,
    };

    /// <summary>The environment of a worker that checks both certificates.</summary>
    /// <param name="postgres">The connection string of the worker's role.</param>
    /// <param name="host">Of both servers.</param>
    /// <param name="postgresAuthority">A PEM file; null for the right one.</param>
    /// <param name="rabbitAuthority">The same; empty for none.</param>
    public Dictionary<string, string> Environment(
        string postgres, string host = "localhost", string? postgresAuthority = null, string? rabbitAuthority = null) => new()
    {
        ["ConnectionStrings__Postgres"] = Checked(postgres, host, postgresAuthority ?? AuthorityFile),
        ["ConnectionStrings__RabbitMq"] = RabbitMqAt(RabbitMq.TlsPort, host),
        ["ConnectionStrings__RabbitMqCaFile"] = rabbitAuthority ?? AuthorityFile,
        // Long enough for several workers that start at once on a busy machine.
        ["Boot__Timeout"] = "00:00:04",
    };

    private static string Checked(string postgres, string host, string authority) =>
        new NpgsqlConnectionStringBuilder(postgres)
        {
            Host = host, SslMode = SslMode.VerifyFull, RootCertificate = authority,
        }.ConnectionString;

    public static string RabbitMqAt(int port, string host = "localhost") => $"amqps://guest:{Password}@{host}:{port}/";

    public async ValueTask DisposeAsync()
    {
        // The original goes with its server.
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
