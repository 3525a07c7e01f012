return await VoiceWorker.Bench.CommandLine.RunAsync(args);
