using System.Diagnostics;
using Npgsql;

namespace VoiceWorker.Bench;

/// <summary>A script beside the runner that works on a database through SQLAlchemy.</summary>
internal static class PythonScript
{
    // Debian's, which has the packages; another one may come first in the path.
    private const string Debians = "/usr/bin/python3";

    /// <summary>Starts it with the database's URL as its first argument.</summary>
    /// <param name="name">Its file.</param>
    /// <param name="configure">What is redirected.</param>
    public static Process Start(
        string name, BenchDatabase database, Action<ProcessStartInfo> configure, params string[] arguments)
    {
        var to = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var url = $"postgresql+psycopg2://{to.Username}:{to.Password}@{to.Host}:{to.Port}/{database.Name}";
        var start = new ProcessStartInfo(
            File.Exists(Debians) ? Debians : "python3",
            [Path.Combine(AppContext.BaseDirectory, name), url, .. arguments]);
        configure(start);
        return Process.Start(start)!;
    }
}
