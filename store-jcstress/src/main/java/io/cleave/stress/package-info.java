/**
 * What one thread publishes and another finds: jcstress runs each pair of actors many million times and counts what the second has
 * seen. Never published; {@code ./mvnw -Pjcstress -pl store-jcstress -am package -DskipTests}, then {@code java -jar
 * store-jcstress/target/cleave-jcstress.jar -m quick}.
 */
package io.cleave.stress;
