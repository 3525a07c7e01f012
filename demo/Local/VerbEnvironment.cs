using VoiceWorker.Demo.Legacy;

namespace VoiceWorker.Demo.Local;

/// <summary>What another terminal needs to run the worker's verbs beside the demonstration; gone with its servers.</summary>
internal sealed class VerbEnvironment : IDisposable
{
    // For its owner alone: it has the password of a private PostgreSQL, as .local/postgres has.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly string Location = Path.Combine(Environment.CurrentDirectory, ".local", "worker.env");

    /// <summary>As it is typed in the directory of ./run.</summary>
    public static string Usage { get; } = $". .local/worker.env; dotnet {Path.GetRelativePath(
        Environment.CurrentDirectory, Path.Combine(AppContext.BaseDirectory, "VoiceWorker.dll"))} status";

    /// <summary>Writes the file.</summary>
    /// <param name="postgres">Connection string of a private server; null for the one of VOICE_POSTGRES.</param>
    /// <param name="rabbitMq">URI of a private server; null for the one of VOICE_RABBITMQ.</param>
    public VerbEnvironment(string? postgres, Uri? rabbitMq)
    {
        var database = postgres is null ? $"\"$VOICE_POSTGRES;Database={LegacyDatabase.Name}\"" : Quote(postgres);
        var broker = rabbitMq is null ? "\"$VOICE_RABBITMQ\"" : Quote(rabbitMq.ToString());
        Directory.CreateDirectory(Path.GetDirectoryName(Location)!);
        File.Delete(Location);
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            creation.UnixCreateMode = Mode;
        using var file = new StreamWriter(Location, creation);
        file.Write($"""
            export ConnectionStrings__Postgres={database}
            export ConnectionStrings__RabbitMq={broker}
            export AMQP_URL={broker}

            """);
    }

    public void Dispose() => File.Delete(Location);

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
