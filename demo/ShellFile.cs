using Npgsql;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Demo;

/// <summary>What another shell needs for worker, kits and psql beside the demonstration; gone with it.</summary>
internal sealed class ShellFile : IDisposable
{
    public const string Name = ".local/worker.env";

    // Where ./run has built it: our own folder has not all that it needs without ASP.NET Core.
    private const string Kit = "examples/dotnet/bin/Release/net10.0/VoiceWorker.Example.dll";

    // For its owner alone: it has the password of a private PostgreSQL, as .local/postgres has.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public ShellFile(ServerPair servers, LegacyDatabase database)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Name)!);
        File.Delete(Name);
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            creation.UnixCreateMode = Mode;
        using var file = new StreamWriter(Name, creation) { NewLine = "\n" };
        foreach (var line in Lines(servers, database))
            file.WriteLine(line);
    }

    public void Dispose() => File.Delete(Name);

    // The password of a given server is not ours to write down.
    private static IEnumerable<string> Lines(ServerPair servers, LegacyDatabase database)
    {
        var (postgres, broker) = (Quote(database.ConnectionString), Quote(servers.RabbitMq.AmqpUri.ToString()));
        if (IsGiven("VOICE_POSTGRES"))
            postgres = $"\"$VOICE_POSTGRES;Database={LegacyDatabase.Name}\"";
        if (IsGiven("VOICE_RABBITMQ"))
            broker = "\"$VOICE_RABBITMQ\"";
        var server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        yield return $"export ConnectionStrings__Postgres={postgres}";
        yield return $"export ConnectionStrings__RabbitMq={broker} AMQP_URL={broker}";
        yield return $"export PGHOST={server.Host} PGPORT={server.Port}";
        yield return $"export PGUSER={server.Username} PGDATABASE={server.Database}";
        if (!IsGiven("VOICE_POSTGRES"))
            yield return $"export PGPASSWORD={Quote(server.Password!)}";
        yield return $"alias voice-worker={Quote($"dotnet {Worker.Dll}")}";
        yield return $"alias voice-kit={Quote($"dotnet {Path.GetFullPath(Kit)}")}";
    }

    private static bool IsGiven(string variable) =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("VOICE_SERVERS"))
        && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
