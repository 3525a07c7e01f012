using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>A process with a console in it, as it is published: beside a worker, or alone.</summary>
internal sealed class ConsoleUnderTest : IAsyncDisposable
{
    private const string Printed = "Console: ";

    private readonly HashSet<string> _used = [];

    private ConsoleUnderTest(WorkerProcess process, Uri address) => (Process, Address) = (process, address);

    public WorkerProcess Process { get; }

    public Uri Address { get; }

    /// <summary><c>run --Console:Enabled=true</c>; returns when the worker is ready.</summary>
    public static async Task<ConsoleUnderTest> StartWithWorkerAsync(IReadOnlyDictionary<string, string> connections, params string[] settings)
    {
        var address = FreeAddress();
        // A busy machine must not turn a slow answer into another one.
        string[] args = ["run", "--Console:Enabled=true", $"--Console:Urls={Plain(address)}", "--Replies:Deadline=00:00:20", .. settings];
        var console = new ConsoleUnderTest(WorkerProcess.Start(WorkerProcess.Dll, connections, args), address);
        await console.Process.WaitReadyAsync(Token);
        await console.WaitAsync();
        return console;
    }

    /// <summary><c>console</c>; returns when it answers.</summary>
    public static async Task<ConsoleUnderTest> StartAloneAsync(IReadOnlyDictionary<string, string> connections, params string[] settings)
    {
        var address = FreeAddress();
        string[] args = ["console", $"--Console:Urls={Plain(address)}", .. settings];
        var console = new ConsoleUnderTest(WorkerProcess.Start(WorkerProcess.Dll, connections, args, address), address);
        await console.WaitAsync();
        return console;
    }

    /// <summary>The address of a sign-in that nobody has used yet.</summary>
    public async Task<Uri> SignInAddressAsync()
    {
        string? next = null;
        var isPrinted = await Polling.UntilAsync(_ => Task.FromResult((next = Addresses().LastOrDefault(one => !_used.Contains(one))) is not null), Waits.Longest, Token);
        Assert.True(isPrinted, string.Join('\n', ["no address for a sign-in is printed", .. Process.Output]));
        _used.Add(next!);
        return new Uri(next!);
    }

    /// <summary>An administrator, signed in by the printed address.</summary>
    public async Task<Person> SignInAsync()
    {
        var person = new Person(Address);
        using var _ = await person.SignInAsync(await SignInAddressAsync());
        return person;
    }

    /// <summary>Somebody whom the provider names, with roles as it calls them.</summary>
    public async Task<Person> SignInAsync(string name, params string[] roles)
    {
        var person = new Person(Address);
        await person.SignInAsync(name, roles);
        return person;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task WaitAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        var answers = await Polling.UntilAsync(async token =>
        {
            try
            {
                using var answer = await http.GetAsync("/assets/", token);
                return answer.StatusCode != 0;
            }
            catch (HttpRequestException) when (!Process.HasExited)
            {
                return false;
            }
        }, Waits.Longest, Token);
        Assert.True(answers, string.Join('\n', ["the console does not answer", .. Process.Output]));
    }

    private IEnumerable<string> Addresses() => Process.Output
        .Where(line => line.StartsWith(Printed, StringComparison.Ordinal)).Select(line => line[Printed.Length..]);

    private static Uri FreeAddress() => new($"http://127.0.0.1:{FreePort.Next()}");

    private static string Plain(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
