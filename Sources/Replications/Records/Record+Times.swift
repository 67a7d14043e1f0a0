// A record without all that two runs on one machine may differ in, for whatever is to be the same bytes twice.

extension RunEnvironment {
  /// The date of an environment that leaves its own out: the earliest that all archive formats can hold.
  static let noDate = "1980-01-01T00:00:00Z"

  /// The environment without date, duration, the machine's name and the number of jobs; processor and tools stay.
  var withoutTimes: RunEnvironment {
    var environment = self
    environment.date = Self.noDate
    environment.seconds = 0
    environment.host = ""
    environment.jobs = 0
    return environment
  }
}

extension Record {
  /// The record without the times and names that the same run has otherwise the next time.
  var withoutTimes: Record {
    Record(
      schemaVersion: schemaVersion, claim: claim, verdict: verdict, experiment: experiment, measurement: measurement,
      assets: assets, figures: figures, environment: environment.withoutTimes)
  }
}
