using VoiceWorker.Client;
using VoiceWorker.Client.Conformance;

// The driver of the .NET client: ../../conformance/README.md.
var urls = (Environment.GetEnvironmentVariable("AMQP_URLS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
using var log = new StandardError();
await using var client = new VoiceClient(new VoiceClientOptions { Uris = urls }, log);
_ = client.ConnectAsync();
using var ended = new CancellationTokenSource();
var trails = new Trails(urls, log, ended.Token);
var driver = new Driver(client, trails);

var running = new List<Task>();
while (await Console.In.ReadLineAsync() is { } line)
{
    running.RemoveAll(task => task.IsCompleted);
    running.Add(Task.Run(() => driver.DoAsync(line)));
}

// Of the commands that still run nobody reads the answer.
await Task.WhenAny(Task.WhenAll(running), Task.Delay(TimeSpan.FromSeconds(0.5)));
await ended.CancelAsync();
await Task.WhenAny(trails.EndedAsync(), Task.Delay(TimeSpan.FromSeconds(1)));
