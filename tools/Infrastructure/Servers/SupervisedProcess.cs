using System.Diagnostics;
using System.Globalization;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A server of many processes under a watchdog that ends them all when this process vanishes.</summary>
internal sealed class SupervisedProcess(DataDirectory directory, string pidFile)
{
    // Polls its own parent, for pdeathsig follows a thread and .NET ends threads. The server gets no stream of ours,
    // or a reader of our pipe would wait for it. Ends the whole server too when its first process has ended.
    private const string Script = """
        parent=$1 log=$2 data=$3 temporary=$4; shift 4
        exec </dev/null >>"$log" 2>&1
        (cd "$data" && exec "$@") &
        server=$!
        has_parent() { read -r _ _ _ now _ <"/proc/$$/stat" && [ "$now" = "$parent" ]; }
        while has_parent && kill -0 "$server" 2>/dev/null; do sleep 1; done
        found=yes
        while [ "$found" ]; do
            found=
            for process in /proc/[0-9]*; do
                if [ "$process/cwd" -ef "$data" ]; then kill -9 "${process#/proc/}" && found=yes; fi
            done
        done
        if [ "$temporary" ] && ! has_parent; then rm -rf -- "$temporary"; fi
        """;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);

    private Process? _watchdog;

    /// <summary>Returns when the server answers; what an earlier run left in the directory is killed first.</summary>
    /// <exception cref="ServerUnavailableException">It ended, or does not answer in two minutes; ends with its
    /// log.</exception>
    public async Task StartAsync(
        IEnumerable<string> command, IReadOnlyDictionary<string, string> environment,
        Func<CancellationToken, Task<bool>> answers, CancellationToken cancellationToken)
    {
        await KillAsync(cancellationToken);
        File.Delete(pidFile);
        Launch(command, environment);
        var answered = await Polling.UntilAsync(
            async token => _watchdog!.HasExited || await answers(token), StartLimit, cancellationToken);
        if (answered && !_watchdog!.HasExited)
            return;

        await KillAsync(cancellationToken);
        var what = answered ? "the server ended while starting" : $"the server did not answer within {StartLimit}";
        throw new ServerUnavailableException($"{what}. Its log:{Environment.NewLine}{directory.LogTail()}");
    }

    private void Launch(IEnumerable<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var temporary = directory.IsTemporary ? directory.Root : "";
        string[] settings = [$"{Environment.ProcessId}", directory.LogFile, directory.Data, temporary];
        // A session of its own: Ctrl-C in our terminal is for us alone.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Script, "watchdog", .. settings, .. command])
        {
            WorkingDirectory = directory.Watchdog,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _watchdog = Process.Start(start);
    }

    /// <summary>Signals the first process and waits until all are gone; kills what is left after 20 s.</summary>
    public async Task StopAsync(int signal)
    {
        SignalAll(Signal.Continue);
        if (File.Exists(pidFile) && int.TryParse(
                File.ReadLines(pidFile).FirstOrDefault(), CultureInfo.InvariantCulture, out var first)
            && ProcessTable.WorkingIn(directory.Data).Contains(first))
        {
            Signal.Send(first, signal);
            await Polling.UntilAsync(
                _ => Task.FromResult(!ProcessTable.WorkingIn(directory.Data).Contains(first)),
                StopLimit, CancellationToken.None);
        }

        await KillAsync(CancellationToken.None);
    }

    /// <summary>Ends the server and gives its directory up; a second time does nothing.</summary>
    /// <param name="signal">SIGKILL for one whose data and shared memory nobody misses.</param>
    public async ValueTask CloseAsync(int signal)
    {
        if (!directory.IsOpen)
            return;
        if (signal == Signal.Kill)
            await KillAsync(CancellationToken.None);
        else
            await StopAsync(signal);
        directory.Dispose();
    }

    public async Task KillAsync(CancellationToken cancellationToken)
    {
        var gone = await Polling.UntilAsync(_ => Task.FromResult(KillRound() == 0), KillLimit, cancellationToken);
        if (!gone)
            throw new InvalidOperationException($"Processes in {directory.Root} survive SIGKILL");
        _watchdog?.Dispose();
        _watchdog = null;
    }

    // The watchdog goes first, else it would end what is started next.
    private int KillRound()
    {
        int[] processes = [.. ProcessTable.WorkingIn(directory.Watchdog), .. ProcessTable.WorkingIn(directory.Data)];
        return processes.Count(id => Signal.Send(id, Signal.Kill));
    }

    public IReadOnlyList<int> Processes() => ProcessTable.WorkingIn(directory.Data);

    /// <summary>Not the watchdog, which must see the end of this process even then.</summary>
    public void SignalAll(int signal)
    {
        // Twice: the first round may miss what is forked meanwhile, and leaves nothing running that could fork.
        for (var round = 0; round < 2; round++)
        {
            foreach (var process in ProcessTable.WorkingIn(directory.Data))
                Signal.Send(process, signal);
        }
    }
}
