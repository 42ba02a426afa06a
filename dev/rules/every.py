# SPDX-License-Identifier: Apache-2.0
"""The list of rules that the tree is held to."""

from dev.rules.addresses import no_file_names_a_package_index
from dev.rules.attacks import attacks_are_tried
from dev.rules.features import features_declare_their_needs
from dev.rules.features import features_have_one_shape
from dev.rules.features import features_use_front_doors
from dev.rules.headers import files_are_python
from dev.rules.headers import files_name_their_licence
from dev.rules.headers import modules_say_what_they_are
from dev.rules.libraries import libraries_stay_in_their_place
from dev.rules.libraries import sql_text_stays_in_stores
from dev.rules.libraries import vocabulary_is_pure
from dev.rules.names import classes_have_telling_names
from dev.rules.names import modules_have_telling_names
from dev.rules.places import one_noun_six_places
from dev.rules.places import tests_mirror_the_package
from dev.rules.sizes import files_are_short
from dev.rules.sizes import functions_are_short
from dev.rules.source import Rule

RULES: tuple[Rule, ...] = (
    attacks_are_tried,
    classes_have_telling_names,
    features_declare_their_needs,
    features_have_one_shape,
    features_use_front_doors,
    files_are_python,
    files_are_short,
    files_name_their_licence,
    functions_are_short,
    libraries_stay_in_their_place,
    modules_have_telling_names,
    modules_say_what_they_are,
    no_file_names_a_package_index,
    one_noun_six_places,
    sql_text_stays_in_stores,
    tests_mirror_the_package,
    vocabulary_is_pure,
)
