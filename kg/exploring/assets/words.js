// What kinds and roles are called. The roles are the words of the server; the headings are those of a concept's card.

export const KINDS = {
  Paper: "Papers",
  Method: "Methods",
  Benchmark: "Benchmarks",
  Hardware: "Hardware",
  Task: "Tasks",
  Metric: "Metrics",
  Keyphrase: "Keyphrases",
};

export const SHAPES = {
  Paper: "M2 2h12v12H2z",
  Method: "M8 1.5a6.5 6.5 0 1 0 .01 0z",
  Benchmark: "M8 1.5 15 14H1z",
  Hardware: "M8 .5 15.5 8 8 15.5.5 8z",
  Task: "M8 .8l2.2 4.9 5.3.6-4 3.6 1.1 5.3L8 12.5l-4.6 2.7 1.1-5.3-4-3.6 5.3-.6z",
  Metric: "M8 14.5 1 2h14z",
  Keyphrase: "M4.2 1.5h7.6L15.5 8l-3.7 6.5H4.2L.5 8z",
};

// role: as a heading on a paper, as a heading on a concept, and what two papers that share it do
export const ROLES = {
  introduces: ["Introduces", "Introduced by", "both introduce"],
  uses: ["Uses", "Used by", "both use"],
  "compares with": ["Compares with", "A baseline of", "both compare with"],
  mentions: ["Mentions", "Mentioned by", "both mention"],
  "evaluates on": ["Evaluates on", "Evaluated on by", "both evaluate on"],
  "trains on": ["Trains on", "Trained on by", "both train on"],
  "runs on": ["Runs on", "Run on by", "both run on"],
  addresses: ["Addresses", "Addressed by", "both address"],
  measures: ["Measures", "Measured by", "both measure"],
  "has keyphrase": ["Keyphrases", "Keyphrase of", "both have the keyphrase"],
};

export const counted = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many || `${one}s`}`;
