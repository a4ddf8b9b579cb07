"""Names of things in a person's language: types, roles, metrics, models, actions, reasons, gates.

Evidence holds keys; here each key has its words. A key that is not listed (a newer stage, a plug-in) is
shown as it is, as an identifier, rather than hidden.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from fullcycle.people.report.words import Words


def _(message: str) -> str:
    """Marks a message for the catalogue; it is translated when it is shown."""
    return message


TYPES = {
    "numeric": _("number"),
    "categorical": _("category"),
    "boolean": _("yes or no"),
    "datetime": _("date and time"),
    "text": _("free text"),
}
ROLES = {
    "feature": _("feature"),
    "target": _("target"),
    "identifier": _("identifier"),
    "group": _("group"),
    "time": _("time"),
    "constant": _("constant"),
    "ignore": _("ignored"),
}
PARTS = {"input": _("input"), "feature": _("feature"), "score": _("score")}
DRIFT_TESTS = {
    "van_der_waerden": _("van der Waerden"),
    "klotz": _("Klotz"),
    "anderson_darling": _("Anderson-Darling"),
    "ks": _("Kolmogorov-Smirnov"),
    "chi_squared": _("chi-squared"),
    "missing": _("missing values"),
    "unreadable": _("unreadable values"),
    "unexpected": _("unexpected values"),
    "constant": _("one value"),
}
TEST_REASONS = {
    "level": _("how high numbers are"),
    "spread": _("how spread numbers are"),
    "ordered": _("the order of numbers"),
    "shape": _("the shape, by tenths of the training rows"),
    "categories": _("shares of categories"),
    "many_categories": _("shares of the frequent categories, the rare ones together"),
    "share": _("a share of rows"),
    "border": _("what the contract lists"),
    "one_value": _("training had one value"),
}
COLUMN_STATES = {
    "nothing_there": _("no value"),
    "personal": _("personal: gaps alone"),
    "vanished": _("gone"),
    "no_reference": _("no reference"),
    "too_few": _("too few rows"),
    "later": _("moves with time: gaps alone"),
}
VARIATIONS = {
    "blocks": _("learned from periods of the training rows"),
    "windows": _("learned from past windows"),
    "assumed": _("assumed for some columns, generously"),
}
ALARM_STATES = {"open": _("rings"), "acknowledged": _("acknowledged"), "over": _("over")}
PERIODS = {
    "day": _("day"),
    "week": _("week"),
    "month": _("month"),
    "quarter": _("quarter"),
    "year": _("year"),
}
MODELS = {
    "linear": _("linear model"),
    "lightgbm": "LightGBM",
    "extra_trees": _("extra trees"),
    "random_forest": _("random forest"),
    "mlp": _("neural network"),
    "xgboost": "XGBoost",
    "catboost": "CatBoost",
    "ensemble": _("ensemble"),
    "blend": _("ensemble"),  # an older version's word
}
VARIANTS = {
    "champion": _("as the search found it"),
    "candidate": _("the best of this model"),
    "one_standard_error": _("simpler within one standard error"),
    "fewer_columns": _("on fewer columns"),
    "principal_components": _("on principal components"),
    "distilled": _("taught to one small model"),
}
METRICS = {
    "roc_auc": "ROC AUC",
    "log_loss": _("log loss"),
    "average_precision": _("average precision"),
    "accuracy": _("accuracy"),
    "f1_macro": _("macro F1"),
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "brier": _("Brier score"),
    "precision": _("precision"),
    "recall": _("recall"),
}
METRIC_MEANINGS = {
    "roc_auc": _(
        "how often the model puts a random positive case above a random negative one; 0.5 is a coin"
    ),
    "log_loss": _("how surprised the predicted probabilities are by what happened; 0 is never surprised"),
    "average_precision": _(
        "the share of true positives among the cases ranked highest, averaged over all cut-offs"
    ),
    "accuracy": _("the share of right answers"),
    "f1_macro": _("precision and recall in one number, each class counting the same"),
    "r2": _("the share of the target's variation that the model explains; 1 is all of it, 0 none"),
    "rmse": _("the typical error in the target's units, large errors weighing more"),
    "mae": _("the average error in the target's units"),
    "brier": _("the mean squared error of the predicted probabilities; 0 is perfect"),
    "precision": _("the share of predicted positives that are right"),
    "recall": _("the share of actual positives that were found"),
}
LOWER_IS_BETTER = {"log_loss", "rmse", "mae", "brier"}
SHARES = {"roc_auc", "average_precision", "accuracy", "f1_macro", "precision", "recall"}
SPLITS = {
    "random": _("at random"),
    "stratified": _("at random, with the same share of each class on both sides"),
    "group": _("by group: all rows of a group are on one side"),
    "time": _("by time: the test set is later than everything the model learned from"),
    "file": _("by a test file of your own"),
}
FOLDS = {
    "stratified": _("stratified by class"),
    "random": _("at random"),
    "group": _("by group"),
    "time": _("by time"),
}
FILLS = {
    "median": _("filled with the median"),
    "most_frequent": _("filled with the most frequent value"),
    "constant": _("filled with a constant"),
    "own_category": _("a category of their own"),
    "model": _("left to the model"),
}
SCALINGS = {
    "standard": _("by mean and standard deviation"),
    "robust": _("by median and quartiles"),
    "quantile": _("by quantiles, to a normal shape"),
    "none": _("not scaled"),
}
SCALING_REASONS = {
    "symmetric": _("its distribution is nearly symmetric"),
    "heavy_tails": _("a few values are far from the rest"),
    "skewed": _("its distribution is strongly skewed"),
    "few_values": _("it has few different values"),
    "one_value_dominates": _("one value fills about half of the rows"),
    "settings": _("so it stands in the settings"),
}
OUTLIER_RULES = {"iqr": _("quartiles"), "mad": _("median absolute deviation")}
OUTLIER_ACTIONS = {
    "keep": _("kept"),
    "flag": _("marked for the model"),
    "clip": _("clipped"),
    "null": _("made missing"),
    "drop_row": _("training rows dropped"),
}
MISSING_KINDS = {
    "random": _("by chance, as far as the table shows"),
    "depends_on_column": _("goes with another column"),
    "depends_on_target": _("goes with the target"),
}
LEAK_KINDS = {
    "value": _("its value"),
    "missingness": _("whether it is missing"),
    "pair": _("two columns together"),
    "identifier": _("an identifier"),
    "group": _("groups across the split"),
    "time": _("time across the split"),
    "aggregate": _("a mean of the target by group"),
    "order": _("the order of rows"),
}
DIFFERENCES = {
    "text": _("written otherwise"),
    "number": _("nearly the same number"),
    "moment": _("nearly the same time"),
    "missing": _("missing in one"),
    "name": _("another identifier"),
}
JOINS = {"left": _("every row of the table stays"), "inner": _("rows without a match would go")}
CARDINALITIES = {"many_to_one": _("many to one"), "one_to_one": _("one to one")}
AGREEMENTS = {
    "cohen": _("Cohen's kappa"),
    "cohen_kappa": _("Cohen's kappa"),
    "fleiss": _("Fleiss' kappa"),
    "fleiss_kappa": _("Fleiss' kappa"),
    "krippendorff": _("Krippendorff's alpha"),
    "krippendorff_alpha": _("Krippendorff's alpha"),
}
AGGREGATIONS = {
    "majority": _("by majority"),
    "dawid-skene": _("by Dawid and Skene's model of who errs how"),
    "median": _("by the median"),
}
UNCERTAINTIES = {
    "entropy": _("the entropy of the model's probabilities"),
    "margin": _("how close the two likeliest classes are"),
    "distance": _("the distance from the training rows"),
}
SETS = {"train": _("training rows"), "test": _("test rows"), "adversarial": _("adversarial rows")}
FORMATS = {
    "csv": "CSV",
    "tsv": "TSV",
    "parquet": "Parquet",
    "jsonl": "JSON Lines",
    "excel": "Excel",
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
    "duckdb": "DuckDB",
    "sqlite": "SQLite",
    "mysql": "MySQL",
}
CALIBRATIONS = {"sigmoid": _("sigmoid (Platt)"), "none": _("none")}
STAGES = {
    "collect": _("collection"),
    "clean": _("cleaning"),
    "explore": _("analysis"),
    "experiment": _("experiments"),
    "prepare": _("preparation"),
    "verify": _("verification"),
}
SEVERITIES = {"info": _("note"), "warning": _("warning"), "error": _("error")}
STATISTICS = {
    "rows": _("rows"),
    "missing": _("missing"),
    "distinct": _("distinct values"),
    "mean": _("mean"),
    "median": _("median"),
    "std": _("standard deviation"),
    "min": _("smallest"),
    "max": _("largest"),
    "mode": _("most frequent"),
    "skew": _("skewness"),
    "kurtosis": _("excess kurtosis"),
    "zeros": _("zeros"),
    "negative": _("negative values"),
    "mutual_information": _("mutual information"),
}
MEASURES = {
    "auc_gini": _("|2 AUC − 1| of the column alone"),
    "correlation_ratio": _("correlation ratio"),
}
ACTIONS = {
    "drop": _("rows dropped"),
    "drop_row": _("training rows dropped"),
    "keep": _("kept"),
    "keep_first": _("the first row of each key kept"),
    "report": _("reported, nothing changed"),
    "null": _("made missing"),
    "clip": _("clipped at the fences"),
    "own_category": _("made a category of their own, inside the model"),
    "model": _("left to the model, inside its graph"),
    "median": _("filled with the median, inside the model"),
    "most_frequent": _("filled with the most frequent value, inside the model"),
    "constant": _("filled with a constant, inside the model"),
    "flag": _("marked for the model by a column of its own"),
    "pooled": _("made one category, inside the model"),
    "left_out": _("left out of the model"),
    "merged": _("merged with the value that they mean"),
    "proposed": _("proposed in the contract, nothing changed"),
    "trim": _("white space removed"),
    "read": _("read as what the text means"),
    "trimmed": _("white space removed"),
    "standard": _("scaled by mean and deviation, inside linear models"),
    "robust": _("scaled by median and quartiles, inside linear models"),
    "quantile": _("scaled by quantiles, inside linear models"),
    "none": _("not scaled"),
}
REASONS = {
    "not_of_type": _("the text can't be read as the column's type"),
    "repeats_a_row": _("a copy teaches nothing, and in the test set it would flatter"),
    "settings": _("so it stands in the settings"),
    "nearly_repeats_a_row": _("a copy with a slip teaches nothing, and in the test set it would flatter"),
    "for_a_person_alike": _("a person has to decide whether both rows mean the same"),
    "for_a_person": _("a person has to decide which one is right"),
    "no_target": _("without an answer nothing can be learned or judged"),
    "no_time": _("without a time a row has no side of the split"),
    "in_test_set": _("the test set must hold only rows that training has not seen"),
    "gap_may_tell": _("that a value is missing may itself say something"),
    "far_and_maybe_true": _("far away, but it may be true"),
    "too_few_rows": _("too few rows to learn from each"),
    "gap_tells_target": _("where the gaps are goes with the target"),
    "gap_follows_column": _("where the gaps are goes with another column"),
    "gap_looks_random": _("the gaps look like chance"),
    "in_the_contract": _("so it stands in the contract"),
    "maybe_missing": _("it looks like a code for “missing”; a person knows"),
    "maybe_moments": _("the numbers may count time since 1970; a person knows"),
    "maybe_a_slip": _("only a letter or two differ; a person knows whether it is a slip"),
    "ends_say_nothing": _("white space around a value says nothing"),
    **SCALING_REASONS,
}
GATES: dict[str, str] = {
    "parity": _("The graph answers as the fitted pipeline does"),
    "golden_rows": _("The golden rows get the answers they must get"),
    "better_than_baseline": _("The whole interval of %(metric)s is better than the trivial baseline"),
    "leak_suspects": _("A person has decided on every column that may leak"),
    "metric_at_least": _("%(metric)s is large enough"),
    "metric_at_most": _("%(metric)s is small enough"),
    "value_at_least": _("The model earns enough"),
    "value_at_most": _("The model earns no more than foreseen"),
    "loss_against_champion": _("%(metric)s is not much worse than the champion's"),
    "not_worse_than_champion": _("%(metric)s is no worse than that of the bundle in production"),
    "calibration_error": _("Probabilities can be read as shares"),
    "interval_coverage": _("The intervals hold as many rows as they claim"),
    "weak_slices": _("No part of the rows is answered worse than the model itself expects"),
    "declared_slice": _("The slice %(about)s is answered as well as can be expected"),
    "fairness_ratio": _("Groups of %(about)s are treated alike"),
    "noise": _("A little noise moves answers little"),
    "missing": _("No single column that is missing moves answers much"),
    "unit": _("A slip of unit moves answers little, or the contract notices it"),
    "unseen": _("A category never seen moves answers little"),
    "behaviour": _("Behaviour: %(about)s"),
    "rows_apart": _("No test row is a training row"),
    "groups_apart": _("No group has rows on both sides of the split"),
    "time_apart": _("No test row lies before the end of the training rows"),
    "stability": _("Fitted again, the model answers alike"),
    "size_mb": _("The graph is small enough, in megabytes"),
    "budget_latency_p99_ms": _("99 of 100 single rows are answered within the budget, in milliseconds"),
    "budget_size_mb": _("The graph keeps its budget of size, in megabytes"),
    "budget_quality_loss_at_most": _("No more quality is lost than the budget allows, out of fold"),
}
GATE_SIGNS = {
    "parity": "≤",
    "golden_rows": "=",
    "leak_suspects": "=",
    "metric_at_least": "≥",
    "metric_at_most": "≤",
    "value_at_least": "≥",
    "value_at_most": "≤",
    "loss_against_champion": "≤",
    "not_worse_than_champion": "",
    "calibration_error": "≤",
    "interval_coverage": "≥",
    "weak_slices": "=",
    "declared_slice": "≈",
    "fairness_ratio": "≥",
    "noise": "≤",
    "missing": "≤",
    "unit": "≤",
    "unseen": "≤",
    "rows_apart": "=",
    "groups_apart": "=",
    "time_apart": "=",
    "stability": "≤",
    "size_mb": "≤",
    "budget_latency_p99_ms": "≤",
    "budget_size_mb": "≤",
    "budget_quality_loss_at_most": "≤",
}
CHECK_SEVERITIES = {"gate": _("must pass"), "warning": _("warning"), "info": _("for information")}
RATES = {
    "selection": _("rate of being selected"),
    "true_positive": _("share of actual positives found"),
    "false_positive": _("share of actual negatives taken for positives"),
    "accuracy": _("share of right answers"),
    "mean_error": _("mean error"),
    "absolute_error": _("mean absolute error"),
}
BEHAVIOURS = {
    "invariance": _("must not matter"),
    "direction": _("must go one way"),
    "example": _("must be answered so"),
}
REFITS = {"bootstrap": _("bootstrap sample"), "seed": _("another seed")}
DISTURBANCES = {
    "noise": _("noise in all numbers"),
    "missing": _("missing"),
    "unit": _("× 1000"),
    "unseen": _("a category never seen"),
}


def term(words: Words, kind: Mapping[str, str], key: str | None) -> Markup:
    """The words for a key, or the key itself as an identifier."""
    if key is None:
        return Markup("–")
    if key in kind:
        return escape(words.gettext(kind[key]))
    return words.code(key)


def plain(words: Words, kind: Mapping[str, str], key: str) -> str:
    """The same as text, for charts."""
    return words.gettext(kind[key]) if key in kind else key


def metric_text(words: Words, metric: str) -> Markup:
    """`ROC AUC`, explained where one points at it."""
    meaning = METRIC_MEANINGS.get(metric)
    name = plain(words, METRICS, metric)
    return (
        Markup('<abbr title="{}">{}</abbr>').format(words.gettext(meaning), name)
        if meaning
        else Markup("{}").format(name)
    )


def metric_value(words: Words, metric: str, value: float | None) -> str:
    """A metric's value with as many digits as make sense for it."""
    return words.score(value)


def model_text(words: Words, model: str) -> Markup:
    """A model's name."""
    return Markup("{}").format(plain(words, MODELS, model))
